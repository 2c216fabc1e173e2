import type { Columns } from '../journal/codec.ts';
import type { ClockState, Epoch, GapReason } from '../journal/journal.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Message } from './destination.ts';
import type { Lane } from './window.ts';

// What a message format must be able to say. Formats are pure: values in, bytes out, no clock and no connection.

/** What the forwarder may conclude from sending in a format. */
type DeliveryContract = {
  /** `puback`: a message is delivered when the broker has acknowledged it, and only then its range is done. */
  readonly acknowledgement: 'puback';
  /** `message`: each data message names the range of the journal that it covers. */
  readonly coverage: 'message';
};

export type GatewayIdentity = { readonly gateway: string; readonly epoch: Epoch };

/** How a destination knows a point; null where the destination does not get its readings. */
export type PointLookup = (point: PointNumber) => KnownPoint | null;

type KnownPoint = {
  readonly id: string;
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
  /** The message, maybe without a reading; the next one begins empty. `sent` in wall milliseconds. */
  finish(envelope: Envelope): Message;
}

export type Envelope = {
  readonly lane: Lane;
  readonly covers: Range;
  readonly clock: ClockState;
  readonly sent: number;
};

export interface Format {
  readonly delivery: DeliveryContract;
  /** Retained: whether the gateway is there. `lost` is what the broker says on our behalf when we vanish. */
  status(identity: GatewayIdentity, status: 'online' | 'stopped' | 'lost', wall: number | null): Message;
  /** Retained: what the points mean. */
  catalogue(identity: GatewayIdentity, points: readonly PointDefinition[]): Message;
  loss(identity: GatewayIdentity, loss: Loss, sent: number): Message;
  encoder(identity: GatewayIdentity, lookup: PointLookup): DataEncoder;
}
