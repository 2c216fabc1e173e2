/** Hands what is published to whoever listens; a listener that is slow misses some, and holds nobody up. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();

  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  publish(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** Yields what is published from now on until `signal` aborts, holding at most `capacity` items for a slow reader. */
  async *subscribe(signal: AbortSignal, capacity = 256): AsyncGenerator<T, void, undefined> {
    const waiting: T[] = [];
    let woken = Promise.withResolvers<void>();
    const listener = (item: T): void => {
      if (waiting.length < capacity) waiting.push(item);
      woken.resolve();
    };
    const onAbort = (): void => woken.resolve();
    this.#listeners.add(listener);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        await woken.promise;
        woken = Promise.withResolvers();
        while (waiting.length > 0) yield* waiting.splice(0, 1);
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
