/** Hands what is published to whoever listens; a listener that is slow misses some, and holds nobody up. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();

  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  publish(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** Calls `listener` with all that is published, as it is published; it must not wait. Returns the way to stop it. */
  listen(listener: (item: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    const stop = this.listen(listener);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        await woken.promise;
        woken = Promise.withResolvers();
        while (waiting.length > 0) yield* waiting.splice(0, 1);
      }
    } finally {
      stop();
      signal.removeEventListener('abort', onAbort);
    }
  }
}
