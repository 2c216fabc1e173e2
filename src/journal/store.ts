import { systemClock } from '../model/clock.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Keep } from './catalogue.ts';
import { checkHeader, openDatabase } from './database.ts';
import { isDiskFault, isFull } from './fault.ts';
import { makeFolder } from './folder.ts';
import { gather } from './gather.ts';
import type { Anchor, ClockState, DestinationState, Epoch, GapRecord } from './journal.ts';
import type { JournalStatus, ReadLimit, SealedBatch, Stretch } from './journal.ts';
import type { Evictions } from './ledger.ts';
import { takeLock } from './lock.ts';
import { type OpenedDatabase, statusOf, useDatabase } from './opened.ts';
import { Progress } from './progress.ts';
import { Reserve } from './reserve.ts';
import { dropLeastNeeded, dropOlderThan } from './retention.ts';

export type StoreSettings = {
  readonly path: string;
  readonly gateway: string;
  readonly keep: Keep;
};

// Retention may hold up the batches that wait for so long, in milliseconds; the rest is for the next time.
const LONGEST_DROP = 20;

// What a commit takes besides the bodies: pages of the tree, of the index, of the bookkeeping.
const COMMIT_MARGIN = 65_536;

/**
 * The journal on its disk; synchronous, for the worker thread. Whatever returns is durable. `now` and `at` are wall
 * milliseconds. Throws SQLite's errors, SQLITE_FULL only once making room did not help, and GatewayErrors.
 */
export class Store implements Disposable {
  readonly #settings: StoreSettings;
  readonly #lock: Disposable;
  readonly #reserve: Reserve;
  /** Replaced as a whole when the database has to be opened again. */
  #opened: OpenedDatabase;
  #progress = new Progress();
  /** Why the reserve is gone; undefined while it is there. */
  #shortage: unknown;
  /** Told to nobody yet; and those of the transaction that runs, or whose outcome is not known. */
  #evictions: Evictions[] = [];
  #doubtful: Evictions | undefined;

  constructor(settings: StoreSettings, now: number) {
    const { path, gateway, keep } = settings;
    this.#settings = settings;
    makeFolder(path);
    using held = new DisposableStack();
    this.#lock = held.use(takeLock(path, now));
    checkHeader(path);
    this.#reserve = new Reserve(path);
    this.#opened = useDatabase(openDatabase(path), path);
    held.defer(() => this.#opened.database.close());
    this.#write(
      () => {
        this.#opened.catalogue.identify(gateway);
        this.#opened.catalogue.boot(now, keep);
      },
      { at: now },
    );
    this.#takeReserve();
    held.move();
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

  intern(definitions: readonly PointDefinition[], at: number): PointNumber[] {
    return this.#write(() => this.#opened.catalogue.intern(definitions), { at });
  }

  anchor(offset: number, state: ClockState, at: number): Anchor {
    return this.#write(() => this.#opened.catalogue.anchor(offset, state), { at });
  }

  /** Commits the batches in one transaction; returns the first sequence of the first, the others follow on it. */
  append(batches: readonly SealedBatch[], at: number): number {
    const first = this.last + 1;
    const last = this.last + batches.reduce((sum, { count }) => sum + count, 0);
    const insert = (): number => {
      let next = first;
      for (const batch of batches) {
        this.#opened.batches.insert(batch, next);
        next += batch.count;
      }
      this.#dropBySize(at);
      return first;
    };
    const bytes = batches.reduce((sum, { body }) => sum + body.length, 0);
    return this.#write(insert, { at, bytes, alreadyDone: () => (this.last === last ? first : undefined) });
  }

  acknowledge(destination: string, range: Range): void {
    this.#progress.acknowledge(destination, range);
  }

  announce(gap: number): void {
    this.#progress.announce(gap);
  }

  /** Makes durable what was acknowledged and announced. */
  settle(at: number): void {
    if (!this.#progress.isEmpty) this.#write(() => undefined, { at });
  }

  /** The error that told that the disk is full; undefined once there is room again for the reserve. */
  get shortage(): unknown {
    return this.#shortage;
  }

  /** Looks whether a disk that was full has room again. */
  recover(at: number): void {
    this.settle(at);
    this.#takeReserve();
  }

  read(range: Range, limit: ReadLimit): Stretch {
    return gather(range, this.last, limit, (sequence) => this.#opened.batches.next(sequence));
  }

  assign(names: readonly string[], at: number): DestinationState[] {
    return this.#write(() => this.#opened.ledger.assign(names, at), { at });
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
    const more = this.#write(
      () => {
        if (aged) dropOlderThan(this.#opened, at - this.#settings.keep.age, { enough, reason: 'age', at });
        this.#dropBySize(at);
        return this.#opened.space.shrink() || enough();
      },
      { at },
    );
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
    this.#opened.database.close();
    this.#lock[Symbol.dispose]();
  }

  #dropBySize(at: number): void {
    const deadline = systemClock.monotonic() + LONGEST_DROP;
    const { space: disk } = this.#opened;
    const enough = (): boolean => disk.used() <= this.#settings.keep.size || systemClock.monotonic() > deadline;
    dropLeastNeeded(this.#opened, { enough, reason: 'size', at });
  }

  /**
   * One durable transaction of all progress so far and of `work`. A full disk is given room once. After a disk fault,
   * when nobody knows whether it was committed, `alreadyDone` looks; without it `work` is such that twice does no harm.
   */
  #write<T>(work: () => T, write: { at: number; bytes?: number; alreadyDone?: () => T | undefined }): T {
    try {
      return this.#transact(work);
    } catch (error) {
      if (isFull(error)) {
        this.#shortage = error;
        this.#makeRoom((write.bytes ?? 0) + COMMIT_MARGIN, write.at);
        return this.#transact(work);
      }
      if (!isDiskFault(error)) throw error;
    }
    this.#reopen();
    const done = write.alreadyDone?.();
    if (done === undefined) return this.#transact(work);
    this.#committed();
    return done;
  }

  #transact<T>(work: () => T): T {
    const { database, ledger, batches } = this.#opened;
    try {
      const result = database
        .transaction(() => {
          ledger.apply(this.#progress);
          const outcome = work();
          ledger.save();
          this.#doubtful = ledger.takeEvictions();
          return outcome;
        })
        .immediate();
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

  /** Frees at least `bytes` inside the database: dropping needs some disk too, for the log, and the reserve has it. */
  #makeRoom(bytes: number, at: number): void {
    this.#reserve.release();
    this.#opened.database.pragma('wal_checkpoint(TRUNCATE)');
    const { space: disk } = this.#opened;
    const enough = (): boolean => disk.free() >= bytes;
    this.#transact(() => dropLeastNeeded(this.#opened, { enough, reason: 'size', at }));
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
