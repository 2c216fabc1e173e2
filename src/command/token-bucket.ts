const MINUTE = 60_000; // milliseconds

/** Lets so many through in a minute, evenly; after silence a quarter of them at once. */
export class TokenBucket {
  readonly #perMinute: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  /** `now`: monotonic milliseconds, here as in `take`. */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#most = Math.max(1, perMinute / 4);
    this.#tokens = this.#most;
    this.#at = now;
  }

  /** Whether one more may pass now. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) * this.#perMinute) / MINUTE);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
