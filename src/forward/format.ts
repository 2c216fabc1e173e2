import type { FormatOptions } from '../config/configuration.ts';
import type { Columns } from '../journal/codec.ts';
import type { ClockState, CorrectionRecord, Epoch, GapReason } from '../journal/journal.ts';
import type { CommandResult, IncomingCommand } from '../model/command.ts';
import type { Health } from '../model/health.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Incoming, Message } from './destination.ts';
import type { LatestReadings } from './latest.ts';
import type { DevicePresence } from './presence.ts';
import type { Lane } from './window.ts';

// What a message format must be able to say. Formats are pure: values in, bytes out, no clock and no connection.

/** What the forwarder may conclude from sending in a format. */
export type DeliveryContract = {
  /**
   * `puback`: a message is delivered when the broker has acknowledged it, and only then its range is done.
   * `lagging`: QoS 0, for which no broker answers. What it has read counts as delivered only once the connection has
   * held for two keep-alives more; what is younger when the connection is lost is sent again.
   */
  readonly acknowledgement: 'puback' | 'lagging';
  /** `message`: each data message names the range of the journal that it covers, so that a centre can prove that it has all. */
  readonly coverage: 'message' | 'none';
  /** Names of what the broker keeps for later subscribers, for people. */
  readonly retained: readonly string[];
  /** Each session introduces every point with its current value, before any data; what is older goes as history. */
  readonly births: boolean;
};

export type GatewayIdentity = { readonly gateway: string; readonly epoch: Epoch };

/** A point as a destination is told of it: one for each id, today's or the last of one that is no longer configured. */
export type CataloguePoint = { readonly number: PointNumber; readonly definition: PointDefinition };

/** How a destination knows a point; null where the destination does not get its readings. */
export type PointLookup = (point: PointNumber) => KnownPoint | null;

export type KnownPoint = CataloguePoint & {
  /** The unit of these readings, where it is not what the catalogue says today. */
  readonly formerUnit: string | undefined;
};

/** `refused`: the destination takes no such reading. */
type LossReason = GapReason | 'refused';

/** Readings that a destination will never get. */
export type Loss = {
  readonly range: Range;
  readonly count: number;
  /** Wall milliseconds of the oldest and newest lost reading, null where unknown. */
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: LossReason;
};

/** The times of readings that were sent are known better by now; see `CorrectionRecord`. */
export type Correction = Omit<CorrectionRecord, 'destination'>;

/** Part of a batch: its columns, the sequence of its first reading, and what turns its times into wall milliseconds. */
export type ReadableBatch = { readonly columns: Columns; readonly first: number; readonly offset: number };

export type MessageLimits = { readonly readings: number; readonly bytes: number };

/** Collects the readings of one message after the other. */
export interface DataEncoder {
  /** How many readings have been added since the last `finish`. */
  readonly count: number;
  /** The newest of them. */
  readonly newest: { readonly sequence: number; readonly point: string; readonly wall: number } | undefined;
  /**
   * Adds the selected readings of `batch` from index `from` to before `to`, until the message is full; the first always
   * fits. Returns the index of the first reading that it has not looked at.
   */
  add(batch: ReadableBatch, from: number, to: number, limits: MessageLimits): number;
  /**
   * What was added, in one message or, where the format has a topic for each device, in several; none where nothing was
   * and the format cannot say so. They must be sent in this order and at once. `sent` in wall milliseconds.
   */
  finish(envelope: Envelope): readonly Message[];
}

export type Envelope = {
  readonly covers: Range;
  readonly clock: ClockState;
  readonly sent: number;
  /** All of it was sent before, and is sent again because somebody asked for it. */
  readonly isRepeat?: boolean;
};

/** What a format is told when a connection is to be made. */
export type SessionFacts = {
  readonly identity: GatewayIdentity;
  readonly options: FormatOptions;
  /** Counts the connections to this destination, over restarts too; from 0. */
  readonly connection: number;
  readonly latest: LatestReadings;
  readonly presence: DevicePresence;
  /** Whether the configuration lets the centre command, and have readings sent once more. */
  readonly commands: boolean;
  readonly replay: boolean;
  /** Wall milliseconds. */
  readonly now: number;
};

/** What the far end wants of us. */
export type Request =
  /** To be told again what everything means. */
  | { readonly kind: 'introduction' }
  /** The one that must be there is there, or has gone. */
  | { readonly kind: 'host'; readonly present: boolean }
  /** That a point be written: as the format has understood it, or the bytes of a command in our own JSON. */
  | { readonly kind: 'command'; readonly command: IncomingCommand | Uint8Array; readonly retained: boolean };

/** What is said in one connection, and understood. Pure: it keeps what the protocol has it count, and sends nothing. */
export interface FormatSession {
  /** What the broker says on our behalf when we vanish; undefined where the format has no words for it. */
  readonly will: Message | undefined;
  /** Bytes that a packet of this session has beside its payload, at most. */
  readonly overhead: number;
  /** True until one that must be there has said that it is; nothing but subscriptions may be sent before. */
  readonly isWaiting: boolean;
  /** Whether a broker that refuses the subscriptions will do: then no command is heard, and all else goes on. */
  readonly mayBeDeaf: boolean;
  /** What to subscribe to before the introduction of these points. */
  filters(points: readonly CataloguePoint[]): readonly string[];
  /** What a message from the far end asks for. Bounded in time and memory, whatever the bytes are. */
  understand(incoming: Incoming): readonly Request[];
  /** That the gateway is there, and what the points mean: said first, and again when that changes. */
  introduction(points: readonly CataloguePoint[], now: number): readonly Message[];
  /** That a device was lost or is back, where the format has words for it. */
  presence(device: string, isLost: boolean, now: number): readonly Message[];
  /** `epoch`, here and below: of the earlier journal that it is about, where the one of now is not meant. */
  loss(loss: Loss, sent: number, epoch?: Epoch): readonly Message[];
  correction(correction: Correction, sent: number, epoch?: Epoch): readonly Message[];
  /** How the gateway is. */
  health(health: Health, now: number): readonly Message[];
  /** What became of a command, where the format has words for it. */
  result(result: CommandResult): readonly Message[];
  /** The last words before an orderly end. */
  farewell(now: number): readonly Message[];
  /** Whether the broker is to publish the will after them too, where MQTT can ask for that. */
  readonly leavesWithWill: boolean;
  encoder(lane: Lane, lookup: PointLookup, epoch?: Epoch): DataEncoder;
}

export interface Format {
  readonly delivery: DeliveryContract;
  session(facts: SessionFacts): FormatSession;
}
