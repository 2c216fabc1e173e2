// Percentiles in bounded memory: 16 buckets an octave, so an answer is right to 2.2 %.

const PER_OCTAVE = 16;
const BUCKETS = 40 * PER_OCTAVE; // up to 2^40 ms, 34 years

/** Counts delays in milliseconds and answers for their percentiles. */
export class Delays {
  /** Made with the first: of thousands of gateways most never have a backlog. */
  #counts = new Uint32Array(0);
  #total = 0;

  /** A negative delay (a sender's clock ahead of ours) counts as none. */
  add(milliseconds: number): void {
    if (this.#total === 0) this.#counts = new Uint32Array(BUCKETS);
    const bucket = Math.floor(Math.log2(Math.max(0, milliseconds) + 1) * PER_OCTAVE);
    const place = Math.min(bucket, BUCKETS - 1);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#total += 1;
  }

  /** The delay that `share` (0…1) of all stay within; null before the first. */
  percentile(share: number): number | null {
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => {
      seen += count;
      return seen > 0 && seen >= share * this.#total;
    });
    if (bucket < 0) return null;
    return Math.round((2 ** ((bucket + 0.5) / PER_OCTAVE) - 1) * 10) / 10;
  }
}
