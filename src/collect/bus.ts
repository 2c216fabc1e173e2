import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import type { Driver, DriverDevice, PointWrite, Pushed, Session } from './driver.ts';
import type { FrameTrace } from './frame-trace.ts';

/**
 * A connection on which work is done one piece at a time: that of a collector, between its polls, or one that a command
 * opened for itself. Work rejects as the session does, with `connection-failed` where there is none, with `bus-busy`
 * when too much waits already, and with the signal's reason as soon as it aborts; what has begun then goes on to its end
 * unheard.
 */
export interface Bus {
  /** Id of the connection, for messages. */
  readonly id: string;
  readonly driver: Driver;
  /** Parsed by the driver's connection schema. */
  readonly settings: unknown;
  readonly clock: Clock;
  readonly trace: FrameTrace;
  /** Has the session to itself for `work`, ahead of the polls. */
  use<T>(work: BusWork<T>, signal: AbortSignal): Promise<T>;
  /**
   * Where the devices speak by themselves: how long one is listened for, and what it says next. Absent, or undefined,
   * where they are asked, or somebody else listens.
   */
  listening?(signal: AbortSignal): Promise<Overhearing | undefined>;
  /** Writes ahead of everything else; what waits for the same device is handed to its driver together. */
  write(
    device: DriverDevice<unknown, unknown>,
    writes: readonly PointWrite[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]>;
}

/** What a device that speaks by itself says next; rejects with `no-answer` where that is nothing. */
export type Overhearing = (device: DriverDevice<unknown, unknown>, signal: AbortSignal) => Promise<Pushed>;

/** `signal` aborts when the connection is given up, not when the one who asked loses patience. */
export type BusWork<T> = (session: Session, signal: AbortSignal) => Promise<T>;

/** What a session that cannot write is told. */
export function cannotWrite(driver: Driver): GatewayError {
  return new GatewayError('usage', `nothing can be written over ${driver.name} in this version`);
}

/** What is told to who asks for the past of a device whose protocol has no memory. */
export function keepsNothing(driver: Driver): GatewayError {
  return new GatewayError('usage', `nothing can be read back over ${driver.name}: its devices keep nothing`);
}

// What a session may reject with although its connection is as good as before.
const ofTheDevice: readonly unknown[] = [
  'no-answer',
  'answer-malformed',
  'device-refused',
  'device-undescribed',
  'access-refused',
  'configuration-invalid',
  'usage',
];

/** Whether a device does not let us in. */
export function isAccessRefused(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'access-refused';
}

/** Whether the session is of no more use after `error`. */
export function endsSession(error: unknown): boolean {
  return !(error instanceof GatewayError && ofTheDevice.includes(error.code));
}
