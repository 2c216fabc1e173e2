import { addRange, clipRanges, countRanges, subtractRange, type Range, type Ranges } from '../model/ranges.ts';
import { Suspicion } from './suspicion.ts';

const LATENCIES = 64;

// A broker acknowledges before it has written to its disk and before it has passed on: what it acknowledged in its last
// moments dies with it. So after a connection was lost these moments are sent again; a repeat is harmless, a hole is not.
const LAST_MOMENTS = 2000; // milliseconds

type Delivery = { readonly covers: Range; readonly readings: number; readonly at: number };

/** What a destination has acknowledged, and what it has not. Outlives the sessions. */
export class Progress {
  pending: Ranges;
  /** Delivered ones. */
  readings = 0;
  readonly suspicion = new Suspicion();
  /** The deliveries of the last moments, oldest first. */
  readonly #recent: Delivery[] = [];
  readonly #latencies: number[] = [];

  constructor(pending: Ranges) {
    this.pending = pending;
  }

  /** A message with `readings` was acknowledged at `at`, monotonic, `milliseconds` after it was published. */
  delivered(delivery: Delivery, milliseconds: number): void {
    this.settled(delivery.covers);
    this.readings += delivery.readings;
    this.#recent.push(delivery);
    while ((this.#recent[0]?.at ?? Infinity) < delivery.at - LAST_MOMENTS) this.#recent.shift();
    this.#latencies.push(milliseconds);
    if (this.#latencies.length > LATENCIES) this.#latencies.shift();
  }

  /** The connection was lost: what was acknowledged in its last moments is pending again. */
  rewind(): void {
    for (const { covers, readings } of this.#recent.splice(0)) {
      this.pending = addRange(this.pending, covers);
      this.readings -= readings;
    }
  }

  /** The destination has, or knows that it will not get, what is selected of `covers`. */
  settled(covers: Range): void {
    this.pending = subtractRange(this.pending, covers);
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
