import type { PointDefinition, ReadingClass } from '../model/point.ts';
import type { Range, Ranges } from '../model/ranges.ts';
import type { PointNumber, Quality, Reading, Reason, Value } from '../model/reading.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';

/** Random, 8 hex digits; made when a journal is created. `gateway / epoch / sequence` names a reading for ever. */
export type Epoch = string;

/** How far the wall clock of a boot can be believed; travels with every message as `clock`. */
export type ClockState = 'synchronised' | 'assumed' | 'estimated' | 'unknown';

/**
 * Ties the monotonic times of one stretch of one process's life to wall time: `wall = monotonic + offset`. Offset and
 * state become better when the time becomes known later: what is sent after that has the right time.
 */
export type Anchor = {
  readonly number: number;
  readonly boot: number;
  readonly offset: number;
  readonly state: ClockState;
};

/** Readings sealed into columns, ready to be committed; see codec.ts for the bytes. The buffer is given away with it. */
export type SealedBatch = {
  readonly class: ReadingClass;
  readonly count: number;
  readonly anchor: number;
  /** Received times of the oldest and newest reading in it, wall milliseconds by the anchor it was sealed under. */
  readonly from: number;
  readonly to: number;
  /** Source times of those in it that came later than their time, from a device's own memory; where there are any. */
  readonly historic?: { readonly from: number; readonly to: number } | undefined;
  readonly body: Uint8Array;
};

/** A batch that survives any crash: its readings are the sequences `first … first + count - 1`. */
export type CommittedBatch = SealedBatch & { readonly first: number };

/** Sequences that are gone before every destination had them, and why. Announced to each destination concerned. */
export type GapRecord = {
  readonly number: number;
  readonly destination: string;
  readonly range: Range;
  readonly count: number;
  /** Wall milliseconds of the oldest and newest lost reading; null where it is not known any more. */
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: GapReason;
  /** When the loss happened, wall milliseconds. */
  readonly at: number;
};

/**
 * `size` and `age`: retention had to make room; `before-destination`: gone before the destination was configured;
 * `no-longer-kept`: delivered once, and gone when the destination asked for it again; `damaged`: the disk has not kept it.
 */
export type GapReason = 'size' | 'age' | 'before-destination' | 'no-longer-kept' | 'damaged';

/**
 * The time of readings that were sent is known better by now. It is meant for those of `range` that went out under a
 * clock state worse than `clock`: their times get `shift` milliseconds more, and are as good as `clock`. Several that
 * hold a reading apply in the order of their numbers, whenever the reading arrives.
 */
export type CorrectionRecord = {
  readonly number: number;
  readonly destination: string;
  readonly range: Range;
  readonly shift: number;
  readonly clock: ClockState;
};

/** `pending`: what it has still to get; the last range has no end, for all that is still to come. */
export type DestinationState = { readonly name: string; readonly pending: Ranges; readonly gaps: readonly GapRecord[] };

/** A journal that was set aside. */
export type DamagedJournal = {
  readonly folder: string;
  /** ISO 8601. */
  readonly at: string;
  readonly why: string;
  /** Null where nobody could tell. */
  readonly epoch: Epoch | null;
  /** Nothing that could be read of it waits for anybody any more. */
  readonly isDelivered: boolean;
};

export type JournalStatus = {
  readonly path: string;
  readonly epoch: Epoch;
  /** Oldest and newest sequence still stored; oldest is last + 1 when empty. */
  readonly oldest: number;
  readonly last: number;
  readonly batches: number;
  /** Bytes of the database in use, and of its three files on disk. */
  readonly usedBytes: number;
  readonly fileBytes: number;
  readonly keep: { readonly size: number; readonly age: number };
  readonly oldestTime: number | null;
  /** Earlier ones that were set aside because they were damaged, oldest first. */
  readonly damaged: readonly DamagedJournal[];
  readonly destinations: readonly { readonly name: string; readonly pending: number; readonly gaps: number }[];
};

/** What a read of the journal may bring back at once. */
export type ReadLimit = { readonly readings: number; readonly bytes: number };

/** Batches that follow each other without a hole, and the range they stand for (gone sequences included). */
export type Stretch = { readonly range: Range; readonly batches: readonly CommittedBatch[] };

/** What was read of one point, or of several, in a stretch of time. */
export type HistoryQuery = {
  /** The numbers that the point was journalled under. */
  readonly points: readonly PointNumber[];
  /**
   * Wall milliseconds, both included. A reading's time is its device's where that is within a quarter of an hour of ours,
   * or where the device had kept the reading until then; else when it was received.
   */
  readonly from: number;
  readonly to: number;
  readonly newestFirst: boolean;
  /** Readings that may come back at once. */
  readonly most: number;
  /** `next` of the page before. */
  readonly at?: number;
};

/** A reading as the journal holds it, its times in wall milliseconds. */
export type HistoricReading = {
  readonly sequence: number;
  readonly point: PointNumber;
  readonly sourceTime: number | null;
  readonly receivedTime: number;
  readonly quality: Quality;
  readonly value: Value | null;
  readonly reason?: Reason;
};

/** Where `next` is given there may be more, also when no reading has come back: one page takes bounded time. */
export type HistoryPage = { readonly readings: readonly HistoricReading[]; readonly next: number | undefined };

/**
 * The durable buffer between collecting and forwarding: one writer, in a worker thread of its own.
 * Every method may reject with `journal-failed` or `journal-corrupt`, after which the journal is of no more use and the
 * daemon must end, or begin again.
 */
export interface Journal {
  readonly gateway: string;
  readonly epoch: Epoch;
  /** Newest committed sequence that may be sent, 0 when there is none yet. */
  readonly last: number;
  /** All points ever interned, by number: what was journalled under them must stay readable. */
  readonly points: ReadonlyMap<PointNumber, PointDefinition>;
  readonly anchors: ReadonlyMap<number, Anchor>;

  /** Gives each definition its number, the old one where id and definition are unchanged. Durable when it resolves. */
  intern(definitions: readonly PointDefinition[]): Promise<readonly PointNumber[]>;
  /**
   * Starts a new stretch of time, as after a clock step. Where its state is better than that of earlier ones in the same
   * life of the host, these take its time. Durable when it resolves.
   */
  anchor(offset: number, state: ClockState): Promise<Anchor>;
  /**
   * Lets out what was committed since a start at which the time was doubtful: until then it is not in `last`, and nobody
   * is called for it. Resolves once all is out; at a start with a known time there is nothing to be done.
   */
  release(): Promise<void>;
  /** Resolves once the batch would survive a power cut. The caller must not touch `body` any more. */
  append(batch: SealedBatch): Promise<CommittedBatch>;
  /** Called in sequence order, after the commit, for every batch that may be sent; returns the way to stop it. */
  onCommit(listener: (batch: CommittedBatch) => void): () => void;
  /**
   * The oldest batches of `range`, at least one if there is any, at most `limit`. Batches are whole, also where they
   * stick out of `range`: clip by sequence. The stretch begins at `range.after` and ends with its last batch, with
   * `range`, or with the journal, whichever is first; sequences that retention took are skipped over (their gap records
   * say so). Empty when nothing is stored there. A batch that is damaged is gone by that. Rejects with `journal-corrupt`
   * when more than batches is.
   */
  read(range: Range, limit: ReadLimit): Promise<Stretch>;
  /**
   * What was read of points, in the order in which it was committed or the reverse; of what is not committed yet it
   * knows nothing. A batch that is damaged is gone by that.
   */
  history(query: HistoryQuery): Promise<HistoryPage>;

  /** Names the destinations of the configuration, in place of the earlier ones; new ones start at the oldest reading. */
  destinations(names: readonly string[]): Promise<readonly DestinationState[]>;
  /** Notes what `destination` has acknowledged; becomes durable with the next data commit, or at close. */
  acknowledged(destination: string, range: Range): void;
  /**
   * Puts what is stored of `span` back among what `destination` has still to get; of what is gone it becomes a gap record.
   * Durable when it resolves. Times count by when readings were received, or by their device's where it had kept them,
   * and bring whole batches.
   */
  rewind(destination: string, span: RewindSpan): Promise<Rewound>;
  /**
   * Gap records that `destination` has not been told yet. A record given out will not change any more, one that nobody
   * has asked for yet still grows: ask when it can be told.
   */
  gaps(destination: string): Promise<readonly GapRecord[]>;
  /** Called when retention began a gap record; returns the way to stop it. */
  onGap(listener: (destination: string) => void): () => void;
  /** Notes that `destination` has been told; durable like `acknowledged`. */
  announced(destination: string, gap: number): void;
  /** Corrections of the clock that `destination` has not been told yet, in the order in which they must be told. */
  corrections(destination: string): Promise<readonly CorrectionRecord[]>;
  /** Called when a destination has corrections to be told; returns the way to stop it. */
  onCorrection(listener: (destination: string) => void): () => void;
  /** Notes that `destination` has been told of a correction; durable like `acknowledged`. */
  corrected(destination: string, correction: number): void;

  status(): Promise<JournalStatus>;
  /** Commits what is queued, writes the cursors and releases the lock; bounded to ten seconds. */
  close(): Promise<void>;
}

/**
 * What could be read of an earlier journal that was damaged, as a journal to which nothing is added: it is delivered beside
 * the journal of now, under the identity it had.
 */
export type SalvagedJournal = {
  readonly epoch: Epoch;
  readonly journal: Journal;
  /** Its points by number, and their numbers in the journal of now. */
  readonly points: ReadonlyMap<PointNumber, PointNumber>;
};

/** Where collectors put their readings: gathers them by class, seals them into batches, hands them to the journal. */
export interface Recorder {
  /**
   * Takes the readings at once (columns are copied, the objects may die young). Returns a promise when so much waits for
   * the journal that the caller must wait too; undefined otherwise. Rejects only with `journal-failed`.
   */
  record(readings: readonly Reading[]): Promise<void> | undefined;
  /** Seals and commits what is in memory; resolves when it is durable. */
  flush(): Promise<void>;
}
