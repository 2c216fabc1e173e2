import type { DestinationState, Journal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import type { TakeCommand } from '../model/command.ts';
import type { Health } from '../model/health.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Report } from '../ops/events.ts';
import type { Backoff } from '../ops/supervise.ts';
import type { ReadSecret } from './credentials.ts';
import type { ConnectUplink } from './destination.ts';
import type { DevicePresence } from './presence.ts';

/** What a forwarder works with. */
export type ForwarderContext = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly readSecret: ReadSecret;
  /** What the journal knows of this destination. */
  readonly state: DestinationState;
  /** Numbers of the points that there are today: configured, or described by a device. */
  readonly points: () => readonly PointNumber[];
  readonly presence: DevicePresence;
  /** How the gateway is now. */
  readonly health: () => Health;
  /** Given what a centre wants to be written. */
  readonly command: TakeCommand;
  readonly connect?: ConnectUplink;
  readonly backoff?: Backoff;
};
