/**
 * Tells when a signal aborts that many requests share, one after the other: listening anew for each of them would cost
 * as much as the rest of the request.
 */
export class AbortWatch {
  readonly #aborted: (signal: AbortSignal) => void;
  readonly #listeners = new Map<AbortSignal, () => void>();

  /** `aborted` is called once for each watched signal that aborts. */
  constructor(aborted: (signal: AbortSignal) => void) {
    this.#aborted = aborted;
  }

  /** Watches a signal that has not aborted yet. `isIdle`: nobody waits under another one any more. */
  watch(signal: AbortSignal, isIdle: boolean): void {
    if (this.#listeners.has(signal)) return;
    if (isIdle) this.forget();
    const listener = (): void => {
      this.#listeners.delete(signal);
      this.#aborted(signal);
    };
    this.#listeners.set(signal, listener);
    signal.addEventListener('abort', listener, { once: true });
  }

  /** To be called when nobody waits any more: signals outlive what was asked under them. */
  forget(): void {
    for (const [signal, listener] of this.#listeners) signal.removeEventListener('abort', listener);
    this.#listeners.clear();
  }
}
