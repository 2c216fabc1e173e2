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
    let wake = (): void => undefined;
    const listener = (item: T): void => {
      if (waiting.length < capacity) waiting.push(item);
      wake();
    };
    const onAbort = (): void => wake();
    this.#listeners.add(listener);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const item = waiting.shift();
        if (item !== undefined) yield item;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
