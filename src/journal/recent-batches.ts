import type { Range, Ranges } from '../model/ranges.ts';
import { gather } from './gather.ts';
import type { CommittedBatch, ReadLimit, Stretch } from './journal.ts';

/** What a batch costs besides its body. */
const OVERHEAD = 256;

/** The newest batches of the journal, as many as a number of bytes holds: what is live is read from here. */
export class RecentBatches {
  readonly #bytes: number;
  #batches: CommittedBatch[] = [];
  #held = 0;
  /** Everything behind this sequence that is still stored is here. */
  #after: number;

  constructor(bytes: number, last: number) {
    this.#bytes = bytes;
    this.#after = last;
  }

  add(batch: CommittedBatch): void {
    this.#batches.push(batch);
    this.#held += batch.body.length + OVERHEAD;
    if (this.#held > this.#bytes) this.#forgetOldest();
  }

  /** Retention took these out of the journal. */
  remove(gone: Ranges): void {
    const here = gone.filter(({ upto }) => upto > this.#after);
    if (here.length === 0) return;
    const isGone = ({ first }: CommittedBatch): boolean =>
      here.some(({ after, upto }) => first > after && first <= upto);
    this.#batches = this.#batches.filter((batch) => !isGone(batch));
    this.#held = this.#batches.reduce((sum, { body }) => sum + body.length + OVERHEAD, 0);
  }

  /** As the journal's `read`; undefined where `range` begins before what is here. */
  read(range: Range, last: number, limit: ReadLimit): Stretch | undefined {
    if (range.after < this.#after) return undefined;
    return gather(range, last, limit, (sequence) => this.#next(sequence));
  }

  // A quarter at once, so that the rest is not moved for every batch.
  #forgetOldest(): void {
    let forgotten = 0;
    for (const { first, count, body } of this.#batches) {
      if (this.#held <= 0.75 * this.#bytes) break;
      this.#held -= body.length + OVERHEAD;
      this.#after = first + count - 1;
      forgotten += 1;
    }
    this.#batches = this.#batches.slice(forgotten);
  }

  /** The batch that holds `sequence`, else the next one. */
  #next(sequence: number): CommittedBatch | undefined {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const batch = this.#batches[middle];
      if (batch !== undefined && batch.first + batch.count <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#batches[low];
  }
}
