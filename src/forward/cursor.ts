import type { CommittedBatch } from '../journal/journal.ts';
import type { Range } from '../model/ranges.ts';

type Queued = { readonly batch: CommittedBatch; readonly arrivedAt: number };

/**
 * A place in the journal, and the batches loaded behind it. `after … at` has been looked at and awaits a message that
 * covers it; what is selected of it is in that message.
 */
export class Cursor {
  /** Where the coverage of the next message begins. */
  after: number;
  /** The newest sequence that was looked at. */
  at: number;
  /** Nothing behind this sequence belongs to the cursor; Infinity for one that follows the commits. */
  readonly upto: number;
  /** All of it was sent before, and is asked for once more. */
  readonly isRepeat: boolean;
  /** The newest sequence that was loaded, or is known to be gone. */
  end: number;
  /** Of the batches that wait. */
  bytes = 0;
  readonly #queue: Queued[] = [];

  constructor({ after, upto }: Range, isRepeat = false) {
    this.after = after;
    this.at = after;
    this.end = after;
    this.upto = upto;
    this.isRepeat = isRepeat;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  get isAtEnd(): boolean {
    return this.at >= this.upto;
  }

  /** When the batch that waits longest arrived, monotonic milliseconds; undefined when none waits. */
  get waitingSince(): number | undefined {
    return this.#queue[0]?.arrivedAt;
  }

  /** Whether `batches`, which follow, leave out sequences up to `end`: retention took those. */
  leavesOut(batches: readonly CommittedBatch[], end: number): boolean {
    let known = this.end;
    for (const { first, count } of batches) {
      if (first > known + 1) return true;
      known = first + count - 1;
    }
    return known < Math.min(end, this.upto);
  }

  /** Adds the batches that follow; up to `end` there is nothing else. */
  load(batches: readonly CommittedBatch[], end: number, now: number): void {
    for (const batch of batches) {
      this.#queue.push({ batch, arrivedAt: now });
      this.bytes += batch.body.length;
    }
    this.end = Math.min(end, this.upto);
    if (this.isEmpty) this.at = this.end;
  }

  /** The batch to be looked at next, and which of its readings: indices `from` to before `to`. */
  head(): { readonly batch: CommittedBatch; readonly from: number; readonly to: number } | undefined {
    const batch = this.#queue[0]?.batch;
    if (batch === undefined) return undefined;
    return {
      batch,
      from: Math.max(0, this.at + 1 - batch.first),
      to: Math.min(batch.count, this.upto - batch.first + 1),
    };
  }

  /** Notes that the head's readings before index `index` were looked at. */
  advance(index: number): void {
    const head = this.head();
    if (head === undefined) return;
    this.at = Math.max(this.at, head.batch.first + index - 1);
    if (index < head.to) return;
    this.#queue.shift();
    this.bytes -= head.batch.body.length;
    if (this.isEmpty) this.at = this.end;
  }

  /** What the next message covers; the one after it begins there. */
  cover(): Range {
    const covers = { after: this.after, upto: this.at };
    this.after = this.at;
    return covers;
  }

  /** Leaves everything before `to` to somebody else; returns it. */
  jump(to: number): Range {
    const skipped = { after: this.after, upto: to };
    this.#queue.length = 0;
    this.bytes = 0;
    this.after = to;
    this.at = to;
    this.end = to;
    return skipped;
  }
}
