// Silent devices together may keep those that answer waiting for a tenth of the time.
const SHARE = 0.1;

/**
 * What attempts to reach silent devices may cost those that answer. Only waiting counts: an attempt that is over before
 * the next poll is due costs nobody anything. What is not spent is saved, for the price of one attempt at most.
 */
export class ProbeBudget {
  #saved = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /**
   * Whether there is enough saved at `now`, monotonic milliseconds, to keep others waiting for `wait` milliseconds;
   * `price` is what the attempt takes in all.
   */
  affords(wait: number, price: number, now: number): boolean {
    this.#save(now);
    this.#saved = Math.min(this.#saved, price);
    return wait === 0 || wait <= this.#saved;
  }

  /** Others waited for `wait` milliseconds, until `now`; more than was saved is made up for first. */
  spend(wait: number, now: number): void {
    this.#save(now);
    this.#saved -= wait;
  }

  #save(now: number): void {
    this.#saved += (now - this.#at) * SHARE;
    this.#at = now;
  }
}
