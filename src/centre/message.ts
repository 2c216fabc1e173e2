import type { ClockState } from '../journal/journal.ts';
import type { Range } from '../model/ranges.ts';
import type { Quality } from '../model/reading.ts';

// What gateways tell a centre, after parsing (parse.ts). Times are wall milliseconds since 1970 UTC.

export type Lane = 'live' | 'backlog';

/** A reading as it arrived. */
export type ReceivedReading = {
  readonly seq: number;
  readonly point: string;
  readonly time: number;
  readonly sourceTime: number | null;
  readonly value: number | string | boolean | null;
  readonly quality: Quality;
  readonly reason: string | null;
  /** UCUM; only where it is not the one that the catalogue says today. */
  readonly unit: string | null;
  /** What is known of `time` where that is not for sure: a correction may come. */
  readonly clock?: ClockState;
};

export type Identity = { readonly gateway: string; readonly epoch: string };

/** Every reading selected for this centre with a sequence in `covers` is in `readings`, in ascending sequence. */
export type DataMessage = Identity & {
  readonly kind: 'data';
  readonly lane: Lane;
  readonly covers: Range;
  readonly clock: ClockState;
  /** All of it was sent before, and is sent again because somebody asked for it. */
  readonly repeat?: boolean;
  readonly readings: readonly ReceivedReading[];
};

/**
 * The gateway knows the time better by now: of the readings in `covers` that it sent under a clock worse than `clock` the
 * times get `shift` milliseconds more. Those of one epoch apply in the order of their numbers, whenever a reading arrives.
 */
export type Correction = {
  readonly number: number;
  readonly covers: Range;
  readonly shift: number;
  readonly clock: ClockState;
};

export type CorrectionMessage = Identity & Correction & { readonly kind: 'correction' };

/** The sequences in `covers` are lost for ever: `count` readings, the oldest taken at `from`, the newest at `to`. */
export type Gap = {
  readonly covers: Range;
  readonly count: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
};

export type GapMessage = Identity & Gap & { readonly kind: 'gap' };

export type StatusMessage = { readonly kind: 'status'; readonly gateway: string; readonly state: 'online' | 'offline' };

/** `audit`: the newest entry of its audit log; see `weir audit verify --head`. */
export type HealthMessage = Identity & {
  readonly kind: 'health';
  readonly audit: { readonly number: number; readonly hash: string };
};

/** `points`: how many the gateway has. */
export type CatalogueMessage = Identity & { readonly kind: 'catalogue'; readonly points: number };

/** A sequence whose repeat is not what was delivered first: the gateway broke its promise. */
export type Conflict = Identity & { readonly seq: number; readonly what: 'changed' | 'appeared' | 'vanished' };

export type Message = DataMessage | GapMessage | CorrectionMessage | StatusMessage | CatalogueMessage | HealthMessage;

export type RejectReason =
  | 'too-large' // beyond MAX_MESSAGE_BYTES
  | 'not-json' // not UTF-8, or not JSON; or not what a compressed payload should be
  | 'malformed' // JSON, but not of the form that the topic asks for
  | 'foreign-gateway' // names another gateway than its topic does
  | 'outside-coverage' // holds a reading that its own `covers` leaves out
  | 'out-of-order' // sequences do not ascend
  | 'too-many-gateways' // the ledger's bound on gateways and epochs
  | 'too-fragmented'; // the ledger's bound on holes and gap records

/** A message that was not taken: it counts for nothing, so what it would have covered stays missing. */
export type Rejection = { readonly kind: 'rejected'; readonly reason: RejectReason; readonly detail: string };

export function rejection(reason: RejectReason, detail: string): Rejection {
  return { kind: 'rejected', reason, detail };
}
