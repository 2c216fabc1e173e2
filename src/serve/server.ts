import type { Processing } from '../config/configuration.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import type { PointDefinition } from '../model/point.ts';
import type { PointNumber, Quality, Reading, Reason, Value } from '../model/reading.ts';
import type { ServerStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';

/** Lets others on the local network read what the gateway reads. Independent of all other servers. */
export interface Server {
  readonly name: string;
  /** Listens until `signal` aborts. Rejects only with what ends the daemon; a port that is taken is waited for. */
  run(signal: AbortSignal): Promise<void>;
  status(): ServerStatus;
}

export type ServedPoint = {
  readonly number: PointNumber;
  readonly definition: PointDefinition;
  readonly processing: Pick<Processing, 'min' | 'max'>;
};

export type ServedDevice = { readonly id: string; readonly points: readonly ServedPoint[] };

/** What a server knows of its gateway. */
export type ServeContext = {
  readonly clock: Clock;
  readonly report: Report;
  readonly gateway: string;
  readonly version: string;
  /** Folder that belongs to the gateway's servers: their keys, and whom they trust. */
  readonly folder: string;
  /** The devices with their points as they are now: another list where a device has described other points. */
  readonly devices: () => readonly ServedDevice[];
  /** Calls `listener` with all readings as they are taken; returns the way to stop it. */
  readonly listen: (listener: (readings: readonly Reading[]) => void) => () => void;
  readonly journal: Pick<Journal, 'history' | 'points'>;
  /** What a reading is worth as far as the time is known now. */
  readonly doubted: (reading: Undated) => Undated;
  /**
   * Writes a value in the point's unit, as `weir device write` does; `by` is told in the log. Rejects with what the
   * point's rules refuse and with what became of it on the way.
   */
  readonly write: (write: ServedWrite, signal: AbortSignal) => Promise<void>;
};

export type ServedWrite = {
  readonly point: PointDefinition;
  readonly value: number | string | boolean;
  readonly by: string;
};

type Undated = Omit<TimedReading, 'receivedTime'>;

/** A reading with its times in wall milliseconds. */
export type TimedReading = {
  readonly sourceTime: number | null;
  readonly receivedTime: number;
  readonly quality: Quality;
  readonly value: Value | null;
  readonly reason?: Reason;
};
