/** Wakes the one who waits; a ring that nobody hears is kept for the next who listens. */
export class Bell {
  #rung = false;
  #closed: Error | undefined;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  ring(): void {
    if (this.#waiting === undefined) this.#rung = true;
    else this.#waiting.resolve();
    this.#waiting = undefined;
  }

  /** Resolves at the next ring; rejects once the bell is closed. */
  heard(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  close(error: Error): void {
    this.#closed ??= error;
    this.#waiting?.reject(this.#closed);
    this.#waiting = undefined;
  }
}
