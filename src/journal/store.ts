import { systemClock } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { PointDefinition } from '../model/point.ts';
import { clipRanges, commonRanges, type Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import { DamagedBatch } from './batches.ts';
import { isDoubtful, judgeClock } from './clock-state.ts';
import { openDatabase } from './database.ts';
import { isDamage, isDiskFault, isFull } from './fault.ts';
import { makeFolder } from './folder.ts';
import { checkWhole, gather } from './gather.ts';
import type { Anchor, CorrectionRecord, DestinationState, Epoch, GapRecord } from './journal.ts';
import type { HistoryPage, HistoryQuery, JournalStatus, ReadLimit, SealedBatch, Stretch } from './journal.ts';
import { readHistory } from './history.ts';
import { openIntact, type OpeningTime, type StoreSettings } from './intact.ts';
import { lastKnown } from './last-known.ts';
import type { Evictions } from './ledger.ts';
import { nameHolder, takeLock } from './lock.ts';
import { type OpenedDatabase, statusOf, useDatabase } from './opened.ts';
import { Progress } from './progress.ts';
import { markDamaged, type Quarantine } from './quarantine.ts';
import { Reserve } from './reserve.ts';
import { dropLeastNeeded, dropOlderThan, evict } from './retention.ts';
import { sequencesOf } from './rewind.ts';
import { Watermark } from './watermark.ts';

// Retention may hold up the batches that wait for so long, in milliseconds; the rest is for the next time.
const LONGEST_DROP = 20;

// Milliseconds without a batch after which the time is noted, when the journal is tended.
const LONGEST_SILENCE = 60_000;

// What a commit takes besides the bodies: pages of the tree, of the index, of the bookkeeping.
const COMMIT_MARGIN = 65_536;

// A disk that fails again and again is broken: better to end, and to be seen.
const MOST_REOPENINGS = 3;

/** A new anchor, all as they are by it, and which destinations have corrections to be told. */
export type Anchored = {
  readonly anchor: Anchor;
  readonly anchors: readonly Anchor[];
  readonly uncorrected: readonly string[];
};

type WriteOptions<T> = { readonly alreadyDone?: () => T | undefined; readonly orWait?: boolean };

/**
 * The journal on its disk; synchronous, for the worker thread. What was written when a method returns is
 * durable. `now` and `at` are wall milliseconds. Throws GatewayErrors and SQLite's own; SQLITE_FULL can be tried again.
 */
export class Store implements Disposable {
  readonly #settings: StoreSettings;
  /** The database and the lock, given back in this order. */
  readonly #held: DisposableStack;
  readonly #reserve: Reserve;
  /** Replaced as a whole when the database has to be opened again. */
  #opened: OpenedDatabase;
  readonly #lastKnown: number;
  readonly #watermark: Watermark;
  /** The damaged journal that had to be set aside for this one. */
  readonly quarantine: Quarantine | undefined;
  #progress = new Progress();
  /** Why the reserve is gone; undefined while it is there. */
  #shortage: unknown;
  /** Told to nobody yet; and those of the transaction that runs, or whose outcome is not known. */
  #evictions: Evictions[] = [];
  #doubtful: Evictions | undefined;

  constructor(settings: StoreSettings, time: OpeningTime) {
    const { path, gateway } = settings;
    this.#settings = settings;
    makeFolder(path);
    using held = new DisposableStack();
    held.use(takeLock(path));
    held.use(nameHolder(path, time.wall));
    this.#reserve = new Reserve(path);
    ({ opened: this.#opened, quarantine: this.quarantine } = openIntact(settings, time.wall));
    held.defer(() => this.#opened.database.close());
    try {
      this.#lastKnown = this.#begin(time);
    } catch (error) {
      if (settings.isSalvaged === true || !isDamage(error)) throw error;
      this.#opened.database.close();
      markDamaged(path, messageOf(error));
      ({ opened: this.#opened, quarantine: this.quarantine } = openIntact(settings, time.wall));
      this.#lastKnown = this.#begin(time);
    }
    this.#watermark = held.use(new Watermark(path, { gateway, epoch: this.epoch, last: this.last }));
    this.#takeReserve();
    this.#held = held.move();
  }

  /** Begins the life of this process, with its first anchor. Returns the last time that was known before. */
  #begin(time: OpeningTime): number {
    const { gateway, keep } = this.#settings;
    const known = lastKnown(this.#opened, time.host);
    const { wall, state } = judgeClock({ ...time, lastKnown: known });
    this.#write(() => {
      const { host, monotonic } = time;
      this.#opened.catalogue.identify(gateway);
      this.#opened.catalogue.boot(wall, keep, { host: host.id, origin: host.monotonic - monotonic });
    });
    this.anchor({ offset: Math.round(wall - time.monotonic), state }, Infinity);
    return known;
  }

  /** The last time that was known before this opening, wall milliseconds; 0 where none was. */
  get lastKnown(): number {
    return this.#lastKnown;
  }

  get epoch(): Epoch {
    return this.#opened.catalogue.epoch;
  }

  get last(): number {
    return this.#opened.batches.last;
  }

  get points(): Map<PointNumber, PointDefinition> {
    return this.#opened.catalogue.points;
  }

  get anchors(): Anchor[] {
    return this.#opened.catalogue.anchors;
  }

  intern(definitions: readonly PointDefinition[]): PointNumber[] {
    const numbers = this.#write(() => this.#opened.catalogue.intern(definitions));
    // Without them no batch can be read: they must not be in the log alone, should that be damaged.
    this.#opened.space.checkpoint();
    return numbers;
  }

  /**
   * A new anchor; older ones of the same life of the host that are worse take its time. Of their readings those up to
   * `sent` may have gone out, and are corrected.
   */
  anchor({ offset, state }: Pick<Anchor, 'offset' | 'state'>, sent: number): Anchored {
    return this.#write(() => {
      const { catalogue, ledger } = this.#opened;
      const anchor = catalogue.anchor(offset, state, this.last);
      for (const { shift, range } of catalogue.improve(anchor)) {
        const { after } = range;
        const upto = Math.min(range.upto, sent);
        if (upto > after && !isDoubtful(state)) ledger.correct({ shift, range: { after, upto } }, state);
      }
      return { anchor, anchors: catalogue.anchors, uncorrected: ledger.uncorrected };
    });
  }

  /**
   * Commits the batches in one transaction; returns the first sequence of the first, the others follow on it. While the
   * disk is full the oldest must make room for them: give few then, best one alone.
   */
  append(batches: readonly SealedBatch[], at: number): number {
    const first = this.last + 1;
    const last = this.last + batches.reduce((sum, { count }) => sum + count, 0);
    const insert = (): number => {
      if (this.#shortage !== undefined) this.#dropFor(batches, at);
      let next = first;
      for (const batch of batches) {
        this.#opened.batches.insert(batch, next);
        next += batch.count;
      }
      this.#dropBySize(at);
      return first;
    };
    const committed = this.#write(insert, {
      alreadyDone: () => (this.last === last ? first : undefined),
      orWait: batches.length > 1,
    });
    this.#watermark.note(last);
    return committed;
  }

  acknowledge(destination: string, range: Range): void {
    this.#progress.acknowledge(destination, range);
  }

  announce(gap: number): void {
    this.#progress.announce(gap);
  }

  corrected(correction: number): void {
    this.#progress.correct(correction);
  }

  corrections(destination: string): CorrectionRecord[] {
    return this.#opened.ledger.corrections(destination, this.#progress);
  }

  /** Makes durable what was acknowledged and announced. */
  settle(): void {
    if (!this.#progress.isEmpty) this.#write(() => undefined);
  }

  /** The error that told that the disk is full; undefined once there is room again for the reserve. */
  get shortage(): unknown {
    return this.#shortage;
  }

  /** Looks whether a disk that was full has room again. */
  recover(): void {
    this.settle();
    this.#takeReserve();
  }

  read(range: Range, limit: ReadLimit, at: number): Stretch {
    return this.#droppingDamaged(at, () => {
      const { batches, ledger } = this.#opened;
      const stretch = gather(range, this.last, limit, (sequence) => batches.next(sequence));
      checkWhole(stretch, ledger.stored);
      return stretch;
    });
  }

  history(query: HistoryQuery, at: number): HistoryPage {
    return this.#droppingDamaged(at, () => readHistory(this.#opened, query));
  }

  assign(names: readonly string[], at: number): DestinationState[] {
    return this.#write(() => this.#opened.ledger.assign(names, at));
  }

  /** As `Journal.rewind`. */
  rewind(destination: string, span: RewindSpan, at: number): Rewound {
    return this.#write(() => {
      const { ledger } = this.#opened;
      const ranges =
        'ranges' in span
          ? clipRanges(span.ranges, { after: 0, upto: this.last })
          : commonRanges(sequencesOf(this.#opened, span), ledger.stored);
      return ledger.rewind(destination, ranges, at);
    });
  }

  gaps(destination: string): GapRecord[] {
    return this.#opened.ledger.gaps(destination, this.#progress);
  }

  /**
   * What need not be done at once: drops what is too old (`aged` false where the clock cannot tell), gives free pages
   * back to the file system, takes the reserve again. Says whether there is more to do.
   */
  tend(at: number, aged: boolean): boolean {
    const deadline = systemClock.monotonic() + LONGEST_DROP;
    const enough = (): boolean => systemClock.monotonic() > deadline;
    const more = this.#write(() => {
      this.#see(at);
      if (aged) dropOlderThan(this.#opened, at - this.#settings.keep.age, { enough, reason: 'age', at });
      this.#dropBySize(at);
      return this.#opened.space.shrink() || enough();
    });
    if (!more && this.#opened.space.isLong()) this.#opened.space.checkpoint();
    this.#takeReserve();
    return more;
  }

  status(): JournalStatus {
    return statusOf(this.#opened, this.#progress);
  }

  /** What retention dropped since the last call. */
  takeEvictions(): Evictions[] {
    const evictions = this.#evictions;
    this.#evictions = [];
    return evictions;
  }

  [Symbol.dispose](): void {
    this.#held.dispose();
  }

  /** After a restart it cannot be earlier than now. The newest batch says so, unless nothing has come for a while. */
  #see(at: number): void {
    const { batches, catalogue } = this.#opened;
    const silence = Math.abs(at - (batches.newest?.newest ?? 0));
    if (silence > LONGEST_SILENCE) catalogue.see(at, batches.last);
  }

  /** Reads as `work` does. A batch that turns out to be damaged is dropped, and whoever waits for it is told. */
  #droppingDamaged<T>(at: number, work: () => T): T {
    for (;;) {
      try {
        return work();
      } catch (error) {
        // The newest one says where the sequences go on: without it there is no going on.
        const isNewest = error instanceof DamagedBatch && error.batch.first === this.#opened.batches.newest?.first;
        if (!(error instanceof DamagedBatch) || isNewest) throw error;
        this.#write(() => evict(this.#opened, [error.batch], { reason: 'damaged', at }));
      }
    }
  }

  #dropBySize(at: number): void {
    const deadline = systemClock.monotonic() + LONGEST_DROP;
    const { space: disk } = this.#opened;
    const enough = (): boolean => disk.used() <= this.#settings.keep.size || systemClock.monotonic() > deadline;
    dropLeastNeeded(this.#opened, { enough, reason: 'size', at });
  }

  /** The database must not grow while the disk is full: its new pages would find no place at the next checkpoint. */
  #dropFor(batches: readonly SealedBatch[], at: number): void {
    const { space: disk } = this.#opened;
    const needed = batches.reduce((sum, { body }) => sum + body.length, COMMIT_MARGIN);
    dropLeastNeeded(this.#opened, { enough: () => disk.free() >= needed, reason: 'size', at });
  }

  /**
   * One durable transaction of all progress so far and of `work`. On a full disk it uses the reserve and tries once
   * more, unless it should rather wait. After a disk fault, when nobody knows whether it was committed, `alreadyDone`
   * looks; without it `work` is such that twice does no harm.
   */
  #write<T>(work: () => T, { alreadyDone, orWait = false }: WriteOptions<T> = {}): T {
    try {
      return this.#transact(work);
    } catch (error) {
      if (isDiskFault(error)) return this.#writeAgain(work, alreadyDone);
      if (!isFull(error)) throw error;
      this.#shortage = error;
      this.#reserve.release();
      this.#opened.space.checkpoint(); // gives the log's space back, and takes less than the reserve had
      if (orWait) throw error;
    }
    return this.#transact(work);
  }

  #writeAgain<T>(work: () => T, alreadyDone: (() => T | undefined) | undefined): T {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#reopen();
        const done = alreadyDone?.();
        if (done === undefined) return this.#transact(work);
        this.#committed();
        return done;
      } catch (error) {
        if (!isDiskFault(error) || attempt === MOST_REOPENINGS) throw error;
      }
    }
  }

  #transact<T>(work: () => T): T {
    const { transact, ledger, batches } = this.#opened;
    try {
      const result = transact(() => {
        ledger.apply(this.#progress);
        const outcome = work();
        ledger.save();
        this.#doubtful = ledger.takeEvictions();
        return outcome;
      });
      this.#committed();
      return result;
    } catch (error) {
      if (!isDiskFault(error)) {
        ledger.load();
        batches.recount();
      }
      throw error;
    }
  }

  #committed(): void {
    if (this.#doubtful !== undefined && this.#doubtful.gone.length > 0) this.#evictions.push(this.#doubtful);
    this.#doubtful = undefined;
    this.#progress = new Progress();
  }

  #takeReserve(): void {
    if (this.#reserve.take()) this.#shortage = undefined;
    else this.#shortage ??= new Error('there is no room for the reserve');
  }

  #reopen(): void {
    this.#opened.database.close();
    this.#opened = useDatabase(openDatabase(this.#settings.path), this.#settings.path);
    // What can be read from the log may be in memory only, from where the kernel has given up writing it. Now it goes
    // into the database, and this time the fsync must succeed.
    this.#opened.database.pragma('wal_checkpoint(TRUNCATE)');
  }
}
