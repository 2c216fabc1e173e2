import type { ServerSettings } from '../../config/configuration.ts';
import type { HistoryPage, HistoryQuery } from '../../journal/journal.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { PointDefinition } from '../../model/point.ts';
import type { PointNumber } from '../../model/reading.ts';
import type { ServedDevice, ServedWrite, TimedReading } from '../server.ts';

// What passes between the gateway and the thread of a server.

/** Given to the thread at its start. */
export type Beginning = {
  readonly settings: ServerSettings;
  readonly gateway: string;
  readonly version: string;
  readonly folder: string;
};

/** What was read of a point, under whatever number it was journalled. */
export type HistoryOfPoint = Omit<HistoryQuery, 'points'> & { readonly point: PointDefinition };

/** Calls of the thread, each answered once. */
export type Call =
  | { readonly name: 'history'; readonly asked: HistoryOfPoint }
  | { readonly name: 'write'; readonly write: ServedWrite };

export type Answers = { history: HistoryPage; write: undefined };

export type NumberedReading = TimedReading & { readonly point: PointNumber };

export type ToThread =
  /** In place of those before. */
  | { readonly type: 'devices'; readonly devices: readonly ServedDevice[] }
  /** The newest of each point that has been read since the message before. */
  | { readonly type: 'readings'; readonly readings: readonly NumberedReading[] }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly fault: Fault }
  | { readonly type: 'stop' };

export type FromThread =
  | { readonly type: 'listening' }
  | { readonly type: 'counts'; readonly counts: Counts }
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  | { readonly type: 'refused'; readonly client: string; readonly reason: string }
  /** It ends. */
  | { readonly type: 'failed'; readonly fault: Fault };

export type Counts = { readonly points: number; readonly sessions: number; readonly subscriptions: number };

/** An error on its way through the thread border. */
type Fault = { readonly code: ErrorCode; readonly message: string };
