import { addRange, clipRanges, subtractRange, type Range, type Ranges } from '../model/ranges.ts';
import type { Draft } from './composer.ts';

// Not every broker says what it does not take: some close the connection instead, or never answer, and would do so at
// every new attempt. So what was on its way when a connection ended is sent first and one by one by the next one. The
// message that ends two connections while it is alone is halved, until it passes or is a single reading.

const ENDS_TO_HALVE = 2; // once is an accident
const ENDS_TO_CONVICT = 3; // by one reading alone; it is then announced as lost, and that must be acknowledged too
const SMALLEST_MESSAGE = 4 * 1024; // bytes; whoever takes less says so when we connect
const GROWTH_AFTER = 200; // messages, after which a size that was found too large is tried again

export type Task = { readonly range: Range; readonly readings: number };

/** What may have ended earlier connections to one destination. */
export class Suspicion {
  #unclear: Ranges = [];
  /** Somewhere in `range` is what ends connections. */
  #culprit: Task | undefined;
  /** The last connections in a row that ended with the same message alone on its way. */
  #alone: { readonly after: number; readonly count: number; readonly ends: number } | undefined;
  #passed = 0;
  /** Largest payload that is not suspected to be too large. */
  bytes = Infinity;

  /** Whether something that was on its way when a connection ended has not passed since. */
  get isOpen(): boolean {
    return this.#unclear.length > 0;
  }

  /** What is to be sent first, and in messages of how many readings at most. */
  get tasks(): readonly Task[] {
    const { range, readings } = this.#culprit ?? { range: { after: 0, upto: 0 }, readings: Infinity };
    const others = subtractRange(this.#unclear, range).map((rest) => ({ range: rest, readings: Infinity }));
    return [...clipRanges(this.#unclear, range).map((part) => ({ range: part, readings })), ...others];
  }

  /** Whether this single reading has ended so many connections that it must not be sent again. */
  isConvicted({ count, covers }: Draft): boolean {
    const { after, count: alone, ends } = this.#alone ?? { after: NaN, count: 0, ends: 0 };
    return count === 1 && alone === 1 && after === covers.after && ends >= ENDS_TO_CONVICT;
  }

  /** A connection ended while these were unacknowledged. */
  ended(drafts: readonly Draft[]): void {
    for (const { covers } of drafts) this.#unclear = addRange(this.#unclear, covers);
    const [draft, ...others] = drafts;
    if (draft === undefined) return;
    if (others.length > 0) this.#alone = undefined;
    else this.#accuse(draft);
  }

  /** The destination has what is in `covers`. */
  passed(covers: Range): void {
    this.#passed += 1;
    if (this.#passed % GROWTH_AFTER === 0) this.bytes *= 2;
    if (!this.isOpen) return;
    this.#unclear = subtractRange(this.#unclear, covers);
    if (this.#alone?.after === covers.after) this.#alone = undefined;
    const [rest] = this.#culprit === undefined ? [] : subtractRange([this.#culprit.range], covers);
    this.#culprit = rest === undefined || this.#culprit === undefined ? undefined : { ...this.#culprit, range: rest };
  }

  #accuse({ covers, count, message }: Draft): void {
    const again = this.#alone?.after === covers.after && this.#alone.count === count;
    const ends = again ? (this.#alone?.ends ?? 0) + 1 : 1;
    this.#alone = { after: covers.after, count, ends };
    const isKnown = this.#culprit !== undefined && clipRanges([covers], this.#culprit.range).length > 0;
    if (!isKnown && ends < ENDS_TO_HALVE) return;
    this.#culprit = { range: covers, readings: Math.max(1, Math.floor(count / 2)) };
    if (count > 1) this.bytes = Math.max(SMALLEST_MESSAGE, message.payload.length / 2);
  }
}
