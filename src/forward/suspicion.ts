import { addRange, clipRanges, subtractRange, type Range, type Ranges } from '../model/ranges.ts';
import type { Draft } from './composer.ts';

// Not every broker says what it does not take: some close the connection instead, or never answer, and would do so at
// every new attempt. So what was on its way when a connection ended is sent first and one by one by the next one. The
// message that ends two connections while it is alone is halved, until it passes or is a single reading. That one waits
// until another message has passed: a broker that takes nothing at all must not cost us a reading.

const ENDS_TO_SUSPECT = 2; // once is an accident
const PROOFS_TO_CONVICT = 3; // connections that took another message, and ended at this reading
const SMALLEST_MESSAGE = 4 * 1024; // bytes; whoever takes less says so when we connect
const GROWTH_AFTER = 200; // messages, after which a size that was found too large is tried again

const NOTHING: Range = { after: 0, upto: 0 };

export type Task = { readonly range: Range; readonly readings: number };

type Alone = Pick<Draft, 'covers' | 'count'> & { readonly ends: number; readonly proofs: number };

/** What may have ended earlier connections to one destination. */
export class Suspicion {
  /** What was on its way when a connection ended, and has not passed since. */
  unclear: Ranges = [];
  /** Somewhere in `range` is what ends connections. */
  #culprit: Task | undefined;
  /** The last connections in a row that ended with the same message alone on its way. */
  #alone:
    | { readonly covers: Range; readonly count: number; readonly ends: number; readonly proofs: number }
    | undefined;
  #passed = 0;
  /** Largest payload that is not suspected to be too large. */
  bytes = Infinity;

  get isOpen(): boolean {
    return this.unclear.length > 0;
  }

  /** What is to be sent before everything else, and in messages of how many readings at most. */
  get tasks(): readonly Task[] {
    const { range, readings } = this.#culprit ?? { range: NOTHING, readings: Infinity };
    const now = subtractRange(this.unclear, this.held ?? NOTHING);
    // What was read last must not wait behind a backlog.
    const others = subtractRange(now, range)
      .map((rest) => ({ range: rest, readings: Infinity }))
      .reverse();
    return [...clipRanges(now, range).map((part) => ({ range: part, readings })), ...others];
  }

  /** What is to be sent only after another message has passed. */
  get held(): Range | undefined {
    const isSuspected = this.#alone?.count === 1 && this.#alone.ends >= ENDS_TO_SUSPECT;
    return isSuspected ? this.#alone?.covers : undefined;
  }

  /** Whether this single reading has ended so many connections that it must not be sent again. */
  isConvicted({ covers }: Draft): boolean {
    return this.held?.after === covers.after && (this.#alone?.proofs ?? 0) >= PROOFS_TO_CONVICT;
  }

  /** A connection ended while these were unacknowledged; `taken`: it had taken another message before. */
  ended(drafts: readonly Draft[], taken: boolean): void {
    for (const { covers } of drafts) this.unclear = addRange(this.unclear, covers);
    const [draft, ...others] = drafts;
    if (draft === undefined) return;
    if (others.length > 0) this.#alone = undefined;
    else this.#accuse(draft, taken);
  }

  /** The destination has what is in `covers`. */
  passed(covers: Range): void {
    this.#passed += 1;
    if (this.#passed % GROWTH_AFTER === 0) this.bytes *= 2;
    if (!this.isOpen) return;
    this.unclear = subtractRange(this.unclear, covers);
    if (this.#alone?.covers.after === covers.after) this.#alone = undefined;
    const [rest] = this.#culprit === undefined ? [] : subtractRange([this.#culprit.range], covers);
    this.#culprit = rest === undefined || this.#culprit === undefined ? undefined : { ...this.#culprit, range: rest };
  }

  #accuse(draft: Draft, taken: boolean): void {
    const { covers, count, bytes } = draft;
    const { ends, proofs } = this.#record(draft);
    this.#alone = { covers, count, ends: ends + 1, proofs: proofs + (taken ? 1 : 0) };
    if (ends + 1 < ENDS_TO_SUSPECT && !this.#isCulprit(covers)) return;
    this.#culprit = { range: covers, readings: Math.max(1, Math.floor(count / 2)) };
    if (count > 1) this.bytes = Math.max(SMALLEST_MESSAGE, bytes / 2);
  }

  /** What the same message has done before. */
  #record({ covers, count }: Draft): Pick<Alone, 'ends' | 'proofs'> {
    const isSame = this.#alone?.covers.after === covers.after && this.#alone.count === count;
    return isSame && this.#alone !== undefined ? this.#alone : { ends: 0, proofs: 0 };
  }

  #isCulprit(covers: Range): boolean {
    return this.#culprit !== undefined && clipRanges([covers], this.#culprit.range).length > 0;
  }
}
