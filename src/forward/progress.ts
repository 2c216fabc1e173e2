import { addRange, clipRanges, countRanges, holes, subtractRange, subtractRanges } from '../model/ranges.ts';
import type { Range, Ranges } from '../model/ranges.ts';
import { Suspicion } from './suspicion.ts';

const LATENCIES = 64;

type Delivery = { readonly covers: Range; readonly readings: number };

/** What a destination has acknowledged, and what it has not. Outlives the sessions. */
export class Progress {
  pending: Ranges;
  /** Delivered ones. */
  readings = 0;
  readonly suspicion = new Suspicion();
  /** What is pending because it was asked for once more. */
  repeats: Ranges = [];
  readonly #latencies: number[] = [];
  /** Acknowledged once, on a connection that did not last. */
  #doubted: Ranges = [];

  constructor(pending: Ranges) {
    this.pending = pending;
  }

  /** A message was acknowledged, `milliseconds` after it was published. */
  delivered({ covers, readings }: Delivery, milliseconds: number): void {
    this.settled(covers);
    this.readings += readings;
    this.#latencies.push(milliseconds);
    if (this.#latencies.length > LATENCIES) this.#latencies.shift();
  }

  /** What was acknowledged, or settled with no `readings`, does not count: it is pending again. */
  revoked({ covers, readings }: Delivery): void {
    this.pending = addRange(this.pending, covers);
    this.#doubted = addRange(this.#doubted, covers);
    this.readings -= readings;
  }

  /**
   * Whether all of it was acknowledged on an earlier connection too: two brokers do not lose the same reading, and a
   * link that never lasts must get on as well.
   */
  wasAcknowledgedBefore(covers: Range): boolean {
    return holes(this.#doubted, covers).length === 0;
  }

  /** It was asked for once more. Returns what was not pending anyway. */
  rewound(kept: Ranges): Ranges {
    const repeats = subtractRanges(kept, this.pending);
    this.pending = repeats.reduce(addRange, this.pending);
    this.repeats = repeats.reduce(addRange, this.repeats);
    return repeats;
  }

  /**
   * An acknowledgement counts for ever. Returns of what: that which was asked for once more since then waits for another.
   */
  confirmed(covers: Range): Ranges {
    this.#doubted = subtractRange(this.#doubted, covers);
    return subtractRanges([covers], this.repeats);
  }

  /** The destination has, or knows that it will not get, what is selected of `covers`. */
  settled(covers: Range): void {
    this.pending = subtractRange(this.pending, covers);
    this.repeats = subtractRange(this.repeats, covers);
    this.suspicion.passed(covers);
  }

  /** Unacknowledged sequences up to `last`. */
  count(last: number): number {
    return countRanges(clipRanges(this.pending, { after: 0, upto: last }));
  }

  /** Median milliseconds of recent acknowledgements; null before the first. */
  get acknowledgeTime(): number | null {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}
