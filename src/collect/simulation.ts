import type { Clock } from '../model/clock.ts';
import type { PointKind } from '../model/point.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Wire } from '../wire/wire.ts';
import type { DriverDevice } from './driver.ts';

/** A device to be played by a simulator. */
export type SimulatedDevice<Device, Address> = {
  readonly device: DriverDevice<Device, Address>;
  /** What each point is, by its number: unit and quantity decide how its value moves, scale and offset how it is stored. */
  readonly points: ReadonlyMap<PointNumber, SimulatedPoint>;
  /** What it says when it is asked who it is. */
  readonly identity?: { readonly vendor: string; readonly model: string };
};

export type SimulatedPoint = {
  readonly quantity: string | undefined;
  readonly unit: string | undefined;
  readonly kind: PointKind;
  readonly scale: number;
  readonly offset: number;
  /** Holds what was written to it. */
  readonly writable?: boolean;
};

export type SimulationSettings = {
  readonly clock: Clock;
  readonly end: SimulatedEnd;
  /** The bits per second that requests and answers take on the line, where nothing else slows them down. */
  readonly baud?: number | undefined;
  readonly faults?: readonly SimulatedFault[];
};

/** Where the devices are found: on the network, by a transport of the driver's, or at the other end of a wire. */
export type SimulatedEnd =
  | { readonly transport: string; readonly host: string; readonly port: number }
  | { readonly wire: Wire; readonly framing: string | undefined };

/** What a device does now and then instead of answering well. */
export const simulatedFaults = ['silent', 'slow', 'checksum', 'exception', 'reset', 'noise', 'echo'] as const;

export type SimulatedFault = {
  readonly kind: (typeof simulatedFaults)[number];
  /** The address of the device that has it; undefined for all. */
  readonly unit: number | undefined;
  /** How often, from 0 to 1. */
  readonly rate: number;
  /** Milliseconds for `slow`, a code for `exception`. */
  readonly value: number | undefined;
};

/** The far end of a simulation, at work. Disposing it closes every connection. */
export interface Simulation extends AsyncDisposable {
  /** Where it listens on the network, port 0 replaced by the one given; undefined on a wire. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
}
