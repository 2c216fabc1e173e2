import type { DestinationSettings } from '../config/configuration.ts';
import type { Journal, SalvagedJournal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import type { TakeCommand } from '../model/command.ts';
import type { Health } from '../model/health.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Report } from '../ops/events.ts';
import type { Answers } from './answers.ts';
import type { DeliveryContract, FormatSession } from './format.ts';
import type { Gate } from './gate.ts';
import type { DevicePresence } from './presence.ts';
import type { Progress } from './progress.ts';
import type { Salvage } from './salvage-delivery.ts';

/** What a session works with. */
export type SessionContext = {
  readonly settings: DestinationSettings;
  readonly delivery: DeliveryContract;
  readonly speech: FormatSession;
  readonly gate: Gate;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly progress: Progress;
  readonly presence: DevicePresence;
  /** Numbers of the points that there are today: configured, or described by a device. */
  readonly points: () => readonly PointNumber[];
  /** Told of each delivered data message. */
  readonly delivered: () => void;
  /** How the gateway is now. */
  readonly health: () => Health;
  /** Given what a centre wants to be written. */
  readonly command: TakeCommand;
  /** What the centre is still to be told about its commands; outlives the session. */
  readonly answers: Answers;
  /** What was salvaged of damaged journals. */
  readonly salvages: ReadonlyMap<SalvagedJournal, Salvage>;
};
