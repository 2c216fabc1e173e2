import type { Commissioning } from '../collect/commissioning.ts';
import type { JournalStatus } from '../journal/journal.ts';
import type { PointId } from '../model/point.ts';
import type { GatewayStatus, ShownReading } from '../model/status.ts';
import type { TrustDecision } from '../model/trust.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';

/** What the daemon lets its operators do, over the Unix socket or in the same process. */
export interface GatewayControl extends TechnicianControl {
  status(): Promise<GatewayStatus<JournalStatus>>;
  /** Yields readings as they are taken, from now on; drops some (never waits) when the reader is slow. */
  watch(filter: ReadingFilter, signal: AbortSignal): AsyncIterable<readonly ShownReading[]>;
  /**
   * What the journal holds of some points, in the order in which it was committed or the reverse. Rejects with `usage`
   * where it knows none of a name.
   */
  history(query: JournalQuery, signal: AbortSignal): AsyncIterable<readonly ShownReading[]>;
  /** Reads all points of a device now, ahead of the polls; the readings are shown, not journalled. */
  readDevice(
    device: string,
    points: readonly PointId[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly ShownReading[]>;
}

/** Points of a device, all where they are absent, and a stretch of time in wall milliseconds, neither end included. */
export type KeptQuery = { readonly points?: readonly PointId[]; readonly from: number; readonly to: number };

/** Devices (all of their points) and single points, by their ids, and which of their readings; see `HistoryQuery`. */
export type JournalQuery = {
  readonly names: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly newestFirst: boolean;
  /** How many at most; all where it is absent. */
  readonly most?: number;
};

/** Absent means all. */
export type ReadingFilter = { readonly device?: readonly string[]; readonly point?: readonly PointId[] };

/** What the daemon lets technicians do beyond looking. */
interface TechnicianControl {
  /**
   * What a device has kept by itself, oldest first, between the polls; shown, not journalled. Rejects with `usage` where
   * its protocol has no memory, with `device-refused` where it keeps nothing.
   */
  kept(device: string, query: KeptQuery, signal: AbortSignal): AsyncIterable<readonly ShownReading[]>;
  /**
   * Writes to configured points of one device, ahead of everything else. Values are in the points' units, by the points'
   * names or ids; states may be given by name, integers beyond 2^53 as decimal text. Answers with what was read back.
   * Rejects with `write-refused` for what the points' `write` rules or types do not allow, and before anything is
   * written; with `write-differs` where the device holds something else afterwards; with `no-answer` when it is not
   * known whether the device did it.
   */
  write(
    device: string,
    values: Readonly<Record<PointId, number | string | boolean>>,
    signal: AbortSignal,
  ): Promise<readonly ShownReading[]>;
  /** Stops delivering to a destination until it is resumed or the daemon restarted; rejects with `usage` for an unknown one. */
  pause(destination: string): Promise<void>;
  resume(destination: string): Promise<void>;
  /**
   * Sends what the journal holds of `span` to a destination once more. Rejects with `rewind-busy` while an earlier request
   * is not done, with `rewind-gone` where the journal holds nothing of it.
   */
  rewind(destination: string, span: RewindSpan): Promise<Rewound>;
  /** Keeps in the audit log what somebody decides about a certificate. Rejects with `audit-failed`: then it must not be. */
  decide(decision: TrustDecision): Promise<void>;
  /** What can be done to one connection by hand; every call rejects with `usage` where there is no such connection. */
  commissioning(connection: string): Commissioning;
  /** The counters and gauges of the status, in the text format of Prometheus. */
  metrics(): Promise<string>;
}
