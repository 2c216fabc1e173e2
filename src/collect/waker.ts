import type { Clock } from '../model/clock.ts';

/** A wait that others can cut short. */
export class Waker {
  readonly #clock: Clock;
  #resolve: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait of the moment, if there is one. */
  wake(): void {
    this.#resolve();
  }

  /** Resolves at `until`, monotonic milliseconds, or when woken, or when `signal` aborts. One may wait at a time. */
  async wait(until: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(Math.max(0, until - this.#clock.monotonic()), resolve);
      this.#resolve = () => {
        cancel();
        resolve();
      };
      signal.addEventListener('abort', this.#resolve, { once: true });
    });
    signal.removeEventListener('abort', this.#resolve);
  }
}
