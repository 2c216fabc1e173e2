import type { ErrorCode } from '../model/errors.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import type { Anchor, ClockState, CorrectionRecord, DestinationState, Epoch, GapRecord } from './journal.ts';
import type { JournalStatus, HistoryPage, HistoryQuery, ReadLimit, SealedBatch, Stretch } from './journal.ts';
import type { Evictions } from './ledger.ts';
import type { Quarantine } from './quarantine.ts';
import type { OpeningTime, StoreSettings } from './intact.ts';
import type { Anchored } from './store.ts';

// What passes between the journal's two threads. The worker has no clock and no timers of its own: every message that
// needs the time brings it (`now`, wall milliseconds), and what is to be repeated is asked for again.

/** Given to the worker at its start. */
export type Opening = StoreSettings & { readonly time: OpeningTime };

/** Calls, each answered once. */
export type Call =
  | { readonly name: 'intern'; readonly definitions: readonly PointDefinition[] }
  | {
      readonly name: 'anchor';
      readonly offset: number;
      readonly state: ClockState;
      /** The newest sequence that may have been sent. */
      readonly sent: number;
    }
  | { readonly name: 'read'; readonly range: Range; readonly limit: ReadLimit }
  | { readonly name: 'history'; readonly query: HistoryQuery }
  | { readonly name: 'destinations'; readonly names: readonly string[] }
  | { readonly name: 'rewind'; readonly destination: string; readonly span: RewindSpan }
  | { readonly name: 'gaps'; readonly destination: string }
  | { readonly name: 'corrections'; readonly destination: string }
  | { readonly name: 'status' }
  | { readonly name: 'close' };

export type Answers = {
  intern: readonly PointNumber[];
  anchor: Anchored;
  read: Stretch;
  history: HistoryPage;
  destinations: readonly DestinationState[];
  rewind: Rewound;
  gaps: readonly GapRecord[];
  corrections: readonly CorrectionRecord[];
  status: JournalStatus;
  close: undefined;
};

export type ToWorker =
  | { readonly type: 'call'; readonly id: number; readonly call: Call; readonly now: number }
  | { readonly type: 'append'; readonly batch: SealedBatch; readonly now: number }
  | { readonly type: 'acknowledged'; readonly destination: string; readonly range: Range }
  | { readonly type: 'announced'; readonly gap: number }
  | { readonly type: 'corrected'; readonly correction: number }
  /** Make durable what was acknowledged. */
  | { readonly type: 'settle'; readonly now: number }
  /** Retention and housekeeping; `aged`: the clock can be trusted to tell what is too old. */
  | { readonly type: 'tend'; readonly now: number; readonly aged: boolean }
  /** Try again what the full disk refused, and whether it still is. */
  | { readonly type: 'retry'; readonly now: number };

/** The worker's first word, unless it failed. */
export type Opened = {
  readonly type: 'opened';
  readonly epoch: Epoch;
  readonly last: number;
  /** The last time that was known before this opening, wall milliseconds; 0 where none was. */
  readonly lastKnown: number;
  readonly points: ReadonlyMap<PointNumber, PointDefinition>;
  readonly anchors: readonly Anchor[];
  /** The damaged journal that had to be set aside for it. */
  readonly quarantine: Quarantine | undefined;
};

export type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly fault: Fault }
  /** The oldest appends not yet committed now are, from sequence `first` on; their bodies come back. */
  | { readonly type: 'committed'; readonly first: number; readonly bodies: readonly Uint8Array[] }
  | { readonly type: 'evicted'; readonly evictions: readonly Evictions[] }
  /** Retention or housekeeping has more to do: ask again. */
  | { readonly type: 'more' }
  /** The disk is full: ask for a `retry` until it has recovered. */
  | { readonly type: 'full'; readonly fault: Fault }
  | { readonly type: 'recovered' }
  /** The worker has ended. */
  | { readonly type: 'failed'; readonly fault: Fault };

/** An error on its way through the thread border. */
export type Fault = { readonly code: ErrorCode; readonly message: string };
