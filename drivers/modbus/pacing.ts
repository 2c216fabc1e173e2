import type { Clock } from '../../src/model/clock.ts';

/** So many milliseconds without a byte since the later of `since` and the last byte, but at `until` it is enough. */
type Quiet = { readonly length: number; readonly since: number; readonly until: number };

/** When the next request may be sent. */
export class Pacing {
  readonly #clock: Clock;
  readonly #pause: number;
  readonly #gap: number;
  /** Whether there is anything to wait for between two requests that went well. */
  #isPaced: boolean;
  #endedAt = Number.NEGATIVE_INFINITY;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #quiet: Quiet | undefined;

  /** `pause`: milliseconds after each request is over; `gap`: milliseconds of silence between two frames of a line. */
  constructor(clock: Clock, { pause, gap }: { readonly pause: number; readonly gap: number }) {
    this.#clock = clock;
    this.#pause = pause;
    this.#gap = gap;
    this.#isPaced = pause > 0 || gap > 0;
  }

  /** To be called when a request is over. */
  ended(): void {
    if (this.#isPaced) this.#endedAt = this.#clock.monotonic();
  }

  /**
   * To be called when the answer to the request that began at `since` may still be on its way: the next one waits for
   * `length` milliseconds without a byte, but no longer than `limit` from now.
   */
  awaitQuiet({ since, length, limit }: { since: number; length: number; limit: number }): void {
    this.#quiet = { since, length, until: this.#clock.monotonic() + limit };
  }

  /** Nothing may be sent for so many milliseconds, whoever gives up waiting for their end. */
  hold(milliseconds: number): void {
    this.#isPaced = true;
    this.#heldUntil = this.#clock.monotonic() + milliseconds;
  }

  /**
   * Resolves when the next request may be sent, or rejects with the signal's reason; undefined where that is now.
   * `heardAt` tells when bytes arrived last.
   */
  untilReady(heardAt: () => number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#quiet === undefined && (!this.#isPaced || this.#restOfPause(heardAt) <= 0)) return undefined;
    return this.#sleep(heardAt, signal);
  }

  async #sleep(heardAt: () => number, signal: AbortSignal): Promise<void> {
    for (let rest = this.#restOfQuiet(heardAt); rest > 0; rest = this.#restOfQuiet(heardAt)) {
      await this.#clock.sleep(Math.ceil(rest), signal);
    }
    this.#quiet = undefined;
    const rest = this.#restOfPause(heardAt);
    // A timer has no fractions of milliseconds.
    if (rest > 0) await this.#clock.sleep(Math.ceil(rest), signal);
  }

  #restOfPause(heardAt: () => number): number {
    const due = Math.max(this.#endedAt + this.#pause, Math.max(this.#endedAt, heardAt()) + this.#gap, this.#heldUntil);
    return due - this.#clock.monotonic();
  }

  #restOfQuiet(heardAt: () => number): number {
    if (this.#quiet === undefined) return 0;
    const { since, length, until } = this.#quiet;
    return Math.min(Math.max(since, heardAt()) + length, until) - this.#clock.monotonic();
  }
}
