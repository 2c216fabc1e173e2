import type { Database } from 'better-sqlite3';
import { addRange, clipRanges, commonRanges, subtractRange, subtractRanges } from '../model/ranges.ts';
import type { Range, Ranges } from '../model/ranges.ts';
import type { Rewound } from '../model/rewind.ts';
import type { Victim } from './batches.ts';
import type { Improvement } from './catalogue.ts';
import { CorrectionTable } from './corrections.ts';
import { GapTable, type Loss } from './gaps.ts';
import type { ClockState, CorrectionRecord, DestinationState, GapReason, GapRecord } from './journal.ts';
import { Progress } from './progress.ts';
import { ENDLESS, JOURNAL } from './schema.ts';

/** Ranges that someone has; `saved` is what the database holds of them. */
type Account = { readonly owner: number; ranges: Ranges; saved: Ranges };
type Destination = Account & { readonly name: string; active: boolean };

/** What retention has done since the last look: sequences that are gone, and gap records begun. */
export type Evictions = {
  readonly gone: Ranges;
  readonly gaps: readonly { readonly destination: string; readonly range: Range; readonly reason: GapReason }[];
};

const NO_EVICTIONS: Evictions = { gone: [], gaps: [] };

/**
 * The bookkeeping: which sequences are stored, and which are pending for each destination. What a destination of the
 * configuration has acknowledged, what its gap records hold, and what is pending are together all there ever was.
 * Changes are made in memory and written by `save` inside the caller's transaction; `load` forgets them.
 */
export class Ledger {
  readonly #gaps: GapTable;
  readonly #corrections: CorrectionTable;
  readonly #statements: ReturnType<typeof prepare>;
  #journal: Account = { owner: JOURNAL, ranges: [], saved: [] };
  #destinations = new Map<string, Destination>();
  #evictions: Evictions = NO_EVICTIONS;

  constructor(database: Database) {
    this.#gaps = new GapTable(database);
    this.#corrections = new CorrectionTable(database);
    this.#statements = prepare(database);
    this.load();
  }

  /** Takes everything from the database again, as after a transaction that failed. */
  load(): void {
    const spans = Map.groupBy(this.#statements.spans.all(), ({ owner }) => owner);
    const account = (owner: number): Account => {
      const ranges = (spans.get(owner) ?? []).map(({ after, upto }) => ({ after, upto: fromStored(upto) }));
      return { owner, ranges, saved: ranges };
    };
    this.#journal = account(JOURNAL);
    this.#destinations = new Map(
      this.#statements.destinations
        .all()
        .map(({ number, name, active }) => [name, { ...account(number), name, active: active === 1 }]),
    );
    this.#evictions = NO_EVICTIONS;
  }

  /** Writes what has changed. */
  save(): void {
    for (const account of [this.#journal, ...this.#destinations.values()]) {
      if (account.ranges === account.saved) continue;
      // Whole ranges, not their overlap: a row goes when its range is not there exactly as it was.
      const kept = new Set(account.ranges.map(rangeKey));
      const known = new Set(account.saved.map(rangeKey));
      for (const range of account.saved) if (!kept.has(rangeKey(range))) this.#remove(account, range);
      for (const range of account.ranges) if (!known.has(rangeKey(range))) this.#add(account, range);
      account.saved = account.ranges;
    }
  }

  /** Sequences that are stored; the last range has no end. */
  get stored(): Ranges {
    return this.#journal.ranges;
  }

  get destinations(): readonly string[] {
    return this.#active().map(({ name }) => name);
  }

  /** What `name` has still to get, once `progress` is counted in. */
  pending(name: string, progress: Progress): Ranges {
    return subtractRanges(this.#destinations.get(name)?.ranges ?? [], progress.acknowledged(name));
  }

  gaps(name: string, progress: Progress): GapRecord[] {
    const owner = this.#destinations.get(name)?.owner;
    if (owner === undefined) return [];
    return this.#gaps.give(owner, name).filter(({ number }) => !progress.announced.has(number));
  }

  /** As `gaps`, for the statistics: they are not given out by that. */
  countGaps(name: string): number {
    const owner = this.#destinations.get(name)?.owner;
    return owner === undefined ? 0 : this.#gaps.count(owner);
  }

  /** What `name` has still to be told of the clock, once `progress` is counted in. */
  corrections(name: string, progress: Progress): CorrectionRecord[] {
    const owner = this.#destinations.get(name)?.owner;
    if (owner === undefined) return [];
    return this.#corrections.of(owner, name).filter(({ number }) => !progress.corrected.has(number));
  }

  /**
   * Notes for every destination that the times of these readings are known by now, and how well: also for one that is
   * out of the configuration, which may have got some of them and come back.
   */
  correct(improvement: Improvement, state: ClockState): void {
    for (const { owner } of this.#destinations.values()) this.#corrections.note(owner, improvement, state);
  }

  /** Who has something to be told of the clock. */
  get uncorrected(): readonly string[] {
    return this.#active()
      .filter(({ owner, name }) => this.#corrections.of(owner, name).length > 0)
      .map(({ name }) => name);
  }

  apply(progress: Progress): void {
    for (const destination of this.#destinations.values()) {
      const acknowledged = progress.acknowledged(destination.name);
      if (acknowledged.length > 0) destination.ranges = subtractRanges(destination.ranges, acknowledged);
    }
    for (const gap of progress.announced) this.#gaps.remove(gap);
    for (const correction of progress.corrected) this.#corrections.remove(correction);
  }

  /**
   * Makes `names` the destinations that count. One that is new, or was not among them for a while, has all pending
   * that is stored; what is gone by now becomes a gap.
   */
  assign(names: readonly string[], at: number): DestinationState[] {
    for (const name of names) {
      if (this.#destinations.has(name)) continue;
      const owner = this.#statements.addDestination.get(name) ?? 0;
      this.#destinations.set(name, { owner, name, active: true, ranges: [{ after: 0, upto: Infinity }], saved: [] });
    }
    for (const destination of this.#destinations.values()) {
      destination.active = names.includes(destination.name);
      this.#statements.activate.run(destination.active ? 1 : 0, destination.owner);
      if (destination.active) this.#clip(destination, at);
    }
    const noProgress = new Progress();
    return names.map((name) => ({ name, pending: this.pending(name, noProgress), gaps: this.gaps(name, noProgress) }));
  }

  #clip(destination: Destination, at: number): void {
    this.#noteGone(destination, subtractRanges(destination.ranges, this.stored), { reason: 'before-destination', at });
    destination.ranges = commonRanges(destination.ranges, this.stored);
  }

  /** What is stored of `ranges` is pending for `name` once more; what is not becomes a gap. */
  rewind(name: string, ranges: Ranges, at: number): Rewound {
    const destination = this.#destinations.get(name);
    if (destination === undefined) return { kept: [], gone: [] };
    const kept = commonRanges(ranges, this.stored);
    const gone = subtractRanges(ranges, this.stored);
    destination.ranges = kept.reduce(addRange, destination.ranges);
    this.#noteGone(destination, gone, { reason: 'no-longer-kept', at });
    return { kept, gone };
  }

  #noteGone({ owner }: Destination, ranges: Ranges, loss: Pick<Loss, 'reason' | 'at'>): void {
    for (const range of ranges) {
      this.#gaps.note(owner, { range, count: range.upto - range.after, from: null, to: null, ...loss });
    }
  }

  /** Stored sequences up to `last` that no destination waits for. */
  spent(last: number): Ranges {
    const stored = clipRanges(this.stored, { after: 0, upto: last });
    return this.#active().reduce((rest, { ranges }) => subtractRanges(rest, ranges), stored);
  }

  /** Notes that a batch goes: nobody can get it any more, and whoever waits for it will be told. */
  evict(batch: Victim, reason: GapReason, at: number): void {
    const range = { after: batch.first - 1, upto: batch.first + batch.count - 1 };
    this.#journal.ranges = subtractRange(this.#journal.ranges, range);
    this.#evictions = { ...this.#evictions, gone: addRange(this.#evictions.gone, range) };
    for (const destination of this.#active()) {
      for (const lost of commonRanges(destination.ranges, [range])) {
        const count = lost.upto - lost.after;
        this.#lose(destination, { range: lost, count, from: batch.oldest, to: batch.newest, reason, at });
      }
    }
  }

  #lose(destination: Destination, loss: Loss): void {
    destination.ranges = subtractRange(destination.ranges, loss.range);
    if (!this.#gaps.note(destination.owner, loss)) return;
    const gap = { destination: destination.name, range: loss.range, reason: loss.reason };
    this.#evictions = { ...this.#evictions, gaps: [...this.#evictions.gaps, gap] };
  }

  /** What was evicted since the last call. */
  takeEvictions(): Evictions {
    const evictions = this.#evictions;
    this.#evictions = NO_EVICTIONS;
    return evictions;
  }

  #active(): Destination[] {
    return [...this.#destinations.values()].filter(({ active }) => active);
  }

  #add({ owner }: Account, { after, upto }: Range): void {
    this.#statements.addSpan.run(owner, after, Math.min(upto, ENDLESS));
  }

  #remove({ owner }: Account, { after }: Range): void {
    this.#statements.removeSpan.run(owner, after);
  }
}

function prepare(database: Database) {
  return {
    spans: database.prepare<[], { owner: number; after: number; upto: number }>(
      'SELECT owner, after, upto FROM span ORDER BY owner, after',
    ),
    destinations: database.prepare<[], { number: number; name: string; active: number }>(
      'SELECT number, name, active FROM destination',
    ),
    addSpan: database.prepare<[number, number, number]>('INSERT INTO span (owner, after, upto) VALUES (?, ?, ?)'),
    removeSpan: database.prepare<[number, number]>('DELETE FROM span WHERE owner = ? AND after = ?'),
    addDestination: database
      .prepare<[string], number>('INSERT INTO destination (name, active) VALUES (?, 1) RETURNING number')
      .pluck(),
    activate: database.prepare<[number, number]>('UPDATE destination SET active = ? WHERE number = ?'),
  };
}

function fromStored(upto: number): number {
  return upto === ENDLESS ? Infinity : upto;
}

function rangeKey({ after, upto }: Range): string {
  return `${after}:${upto}`;
}
