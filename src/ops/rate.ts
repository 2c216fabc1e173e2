// Two halves of a window: the rate never rests on less than half of it once it has run, and no timer is needed.
const HALF_WINDOW = 5_000;

/** Counts things and tells how many there were per second lately. */
export class Rate {
  total = 0;
  #began: number;
  #current = 0;
  #previous = 0;
  #previousSpan = 0;

  constructor(now: number) {
    this.#began = now;
  }

  /** `now` is monotonic milliseconds. */
  add(count: number, now: number): void {
    this.#turn(now);
    this.total += count;
    this.#current += count;
  }

  perSecond(now: number): number {
    this.#turn(now);
    const span = now - this.#began + this.#previousSpan;
    return span <= 0 ? 0 : ((this.#current + this.#previous) * 1_000) / span;
  }

  #turn(now: number): void {
    const span = now - this.#began;
    if (span < HALF_WINDOW) return;
    const stale = span >= 2 * HALF_WINDOW;
    this.#previous = stale ? 0 : this.#current;
    this.#previousSpan = stale ? HALF_WINDOW : span;
    this.#current = 0;
    this.#began = now;
  }
}
