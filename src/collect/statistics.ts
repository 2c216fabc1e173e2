import type { Latency } from '../model/status.ts';
import type { WireEvent } from './driver.ts';

// Enough for a 99th percentile that is not simply the worst, few enough to sort at each status.
const RECENT = 256;

/** How long requests take to be answered. Cheap to feed: it is told of every request. */
export class LatencyMeter {
  readonly #recent = new Float64Array(RECENT);
  #count = 0;
  #sum = 0;

  add(milliseconds: number): void {
    this.#recent[this.#count % RECENT] = milliseconds;
    this.#count += 1;
    this.#sum += milliseconds;
  }

  /** Null before the first. */
  status(): Latency | null {
    if (this.#count === 0) return null;
    const sorted = this.#recent.slice(0, this.#count).sort();
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    return { count: this.#count, sum: this.#sum, median: at(0.5), p90: at(0.9), p99: at(0.99), worst: at(1) };
  }
}

/** The median of recent times; undefined before the first. */
export class Median {
  readonly #recent: number[] = [];
  readonly #size: number;
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(milliseconds: number): void {
    this.#recent[this.#count % this.#size] = milliseconds;
    this.#count += 1;
  }

  get value(): number | undefined {
    return this.#recent.toSorted((a, b) => a - b)[this.#recent.length >> 1];
  }

  get worst(): number | undefined {
    return this.#count === 0 ? undefined : Math.max(...this.#recent);
  }
}

/** Oddities on the wire, by name. */
export class WireCounters {
  readonly #counts = new Map<WireEvent, number>();

  count(event: WireEvent): void {
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
  }

  status(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
