import type { RejectReason } from './command.ts';
import type { PointId } from './point.ts';
import type { Quality, Reason } from './reading.ts';

// What a running gateway says of itself: `weir status --json` prints exactly this. Times are ISO 8601 UTC.

/** How long requests took to be answered, milliseconds. */
export type Latency = {
  /** Requests that were answered since the start, and the sum of their times. */
  readonly count: number;
  readonly sum: number;
  /** Of the most recent 256. */
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly worst: number;
};

export type ConnectionStatus = {
  readonly id: string;
  readonly driver: string;
  readonly state: 'up' | 'connecting' | 'lost';
  readonly since: string;
  /** Why it is lost; null while it is up. */
  readonly error: string | null;
  /** Milliseconds that one round of all due polls takes on the bus: forecast before start; null where nothing is polled. */
  readonly busTime: number | null;
  /**
   * The same as measured: recent medians of the polls that asked for all points of a device; what has not answered yet
   * counts as forecast. Null before the first answer.
   */
  readonly roundTime: number | null;
  /** Null before the first answer, and where the protocol knows no requests. */
  readonly latency: Latency | null;
  /** Requests of technicians and centres that wait for their turn. */
  readonly waiting: number;
  /** Polls that began more than one period late, or were skipped because the one before was still running. */
  readonly late: number;
  /** Oddities seen on the wire since the start, by name. */
  readonly wire: Readonly<Record<string, number>>;
};

export type DeviceStatus = {
  readonly id: string;
  readonly connection: string;
  readonly profile: string | null;
  readonly state: 'unknown' | 'up' | 'lost';
  readonly since: string;
  readonly points: number;
  /** Of them, those whose newest reading is bad. */
  readonly bad: number;
  readonly polls: number;
  readonly failures: number;
  /** Milliseconds from request to last answer of recent polls; null before the first. */
  readonly responseTime: { readonly median: number; readonly worst: number } | null;
  /** Of single requests; null before the first answer, and where the protocol knows no requests. */
  readonly latency: Latency | null;
  /** Milliseconds that one round over its points takes on the bus: forecast before start; null where nothing is planned. */
  readonly busTime: number | null;
  /** Oddities on the wire while it was asked, since the start, by name: `timeout`, `checksum-error`, `late-frame`, … */
  readonly wire: Readonly<Record<string, number>>;
  readonly lastReading: string | null;
  /** The oldest stretch of time that is still to be read back from what the device has kept; null where there is none. */
  readonly missing: { readonly from: string; readonly to: string } | null;
  readonly reason: Reason | null;
  /** Why nothing is read of it although it answers, and what to do; null where all is well. */
  readonly error: string | null;
  /** The code of that: it says nothing of what it holds, or does not let us in. */
  readonly errorCode: 'device-undescribed' | 'access-refused' | null;
  /** When it is tried again that is left alone for that; null otherwise. */
  readonly nextTry: string | null;
  /** By how many seconds its clock is ahead of ours, and how many are too many; null where it does not tell. */
  readonly clock: { readonly ahead: number; readonly bound: number; readonly off: boolean } | null;
};

export type DestinationStatus = {
  readonly name: string;
  readonly url: string;
  readonly state: 'connected' | 'connecting' | 'lost' | 'paused';
  readonly since: string;
  readonly error: string | null;
  /** `MQTT 5` or `MQTT 3.1.1`; null before the first connection. */
  readonly protocol: string | null;
  /** Readings committed and not yet acknowledged, in all and in the backlog lane. */
  readonly pending: number;
  readonly backlog: number;
  readonly inFlight: number;
  readonly delivered: number;
  /** Milliseconds from publish to acknowledgement, recent median; null before the first. */
  readonly acknowledgeTime: number | null;
  /** Why live readings wait although it is connected: quiet hours, or a budget that is spent. */
  readonly held: string | null;
  /** Why the broker's certificate is not verified; null when it is. */
  readonly insecure: string | null;
};

/** How the audit log stands; `number` and `hash` are of its newest entry. */
export type AuditStatus = {
  readonly path: string;
  readonly number: number;
  readonly hash: string;
  /** Entries that could not be written and that no entry tells of yet. */
  readonly missed: number;
  /** Why nothing can be written, so that no command is carried out; null while all is well. */
  readonly error: string | null;
};

/** What became of the commands of centres since the start; `rejected` by reason. */
export type CommandsStatus = {
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
};

/** A far end that is not verified because the configuration says so, and why. */
export type Insecurity = { readonly of: string; readonly reason: string };

/** A certificate that ends within 30 days. */
export type EndingCertificate = {
  /** What depends on it: `destination city`, `opcua client`. */
  readonly of: string;
  /** `our certificate`, `the authority`. */
  readonly whose: string;
  readonly until: string;
  /** That are left; 0: it has ended. */
  readonly days: number;
};

export type ServerStatus = {
  readonly name: string;
  readonly protocol: 'opcua';
  readonly endpoint: string;
  readonly state: 'up' | 'connecting' | 'lost';
  readonly since: string;
  /** Why nobody can connect; null while it is up. */
  readonly error: string | null;
  readonly policies: readonly string[];
  readonly modes: readonly string[];
  /** Why policy None or users without a name are let in; null where neither is. */
  readonly insecure: string | null;
  readonly points: number;
  readonly sessions: number;
  readonly subscriptions: number;
};

export type GatewayStatus<Journal = unknown> = {
  readonly gateway: string;
  readonly version: string;
  readonly configuration: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly clock: 'synchronised' | 'assumed' | 'estimated' | 'unknown';
  readonly readings: { readonly taken: number; readonly perSecond: number };
  readonly connections: readonly ConnectionStatus[];
  readonly devices: readonly DeviceStatus[];
  readonly journal: Journal;
  readonly destinations: readonly DestinationStatus[];
  readonly commands: CommandsStatus;
  readonly audit: AuditStatus;
  /** Every `allowInsecure` of the configuration, and every `verify: false`. */
  readonly insecure: readonly Insecurity[];
  readonly servers: readonly ServerStatus[];
  readonly certificates: readonly EndingCertificate[];
  readonly events: Readonly<Record<string, number>>;
  readonly process: { readonly pid: number; readonly rssMiB: number; readonly cpuSeconds: number };
};

/** A reading as people and machines see it: id instead of number, wall time, a value that JSON can hold. */
export type ShownReading = {
  readonly point: PointId;
  readonly time: string;
  readonly sourceTime?: string;
  readonly value: number | string | boolean | null;
  readonly quality: Quality;
  readonly reason?: Reason;
  readonly unit?: string;
  /** The value's name, where the point's states have names. */
  readonly state?: string;
};
