// How much of the longest time stays with each answer: an outlier is forgotten after some hundred quick ones.
const MEMORY = 0.98;

const MARGIN = 3; // times the longest answer seen
const LEAST_WAIT = 100; // milliseconds: an adapter may hold bytes back for 16, a gateway for a few times that

/** How long the units of a connection take to answer, in milliseconds. */
export class ResponseTimes {
  readonly #units = new Map<number, number>();
  #longest: number | undefined;

  /** To be told of every answer, late ones too. */
  answered(unit: number, milliseconds: number): void {
    this.#units.set(unit, Math.max(milliseconds, (this.#units.get(unit) ?? 0) * MEMORY));
    this.#longest = Math.max(milliseconds, (this.#longest ?? 0) * MEMORY);
  }

  /** The longest that this unit took lately; undefined where it never answered. */
  longest(unit: number): number | undefined {
    return this.#units.get(unit);
  }

  /** How long to wait for a unit that was silent: for what it or its neighbours took, and no longer than `timeout`. */
  shortWait(unit: number, timeout: number): number {
    const longest = Math.max(this.#units.get(unit) ?? 0, this.#longest ?? Infinity);
    return Math.min(timeout, Math.max(LEAST_WAIT, longest * MARGIN));
  }
}
