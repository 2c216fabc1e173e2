/** Items on their way from whoever makes them to the one who takes them: bounded by asking the maker to wait. */
export class Feed<T> {
  readonly #most: number;
  readonly #items: T[] = [];
  #taken = Promise.withResolvers<void>();
  #offered = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  /** `most`: as many may wait before makers are to. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether makers should wait before they make more. */
  get isFull(): boolean {
    return this.#items.length >= this.#most;
  }

  offer(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#offered.resolve();
  }

  /** Resolves when there is room, or nobody takes any more. */
  async room(): Promise<void> {
    while (this.isFull && !this.#ended) await this.#taken.promise;
  }

  /** The taker gets what was offered before, and then this error; the first one counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#offered.resolve();
  }

  /** The items in order, until `signal` aborts. Rejects as `fail` says. */
  async *take(signal: AbortSignal): AsyncGenerator<T> {
    const onAbort = (): void => this.#offered.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const item = this.#items.shift();
        if (item !== undefined) {
          yield item;
          this.#madeRoom();
        } else if (this.#failure !== undefined) {
          throw this.#failure.error;
        } else {
          this.#offered = Promise.withResolvers();
          await this.#offered.promise;
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#ended = true;
      this.#madeRoom();
    }
  }

  #madeRoom(): void {
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }
}
