import type { ZodObject, ZodType } from 'zod';
import type { Clock } from '../model/clock.ts';
import type { PointId, PointKind, ValueType } from '../model/point.ts';
import type { PointNumber, Reading } from '../model/reading.ts';

/** A point as its driver sees it: the address is the driver's own, already parsed by its schema. */
export type DriverPoint<Address> = {
  readonly number: PointNumber;
  readonly id: PointId;
  readonly address: Address;
};

/** A device as its driver sees it. `points` holds all of them; a read may ask for any subset. */
export type DriverDevice<Device, Address> = {
  readonly id: string;
  readonly settings: Device;
  readonly points: readonly DriverPoint<Address>[];
};

/** Something on the wire that is not a reading but worth a counter and a line in the log. */
export type WireEvent = 'late-frame' | 'foreign-frame' | 'malformed-frame' | 'timeout' | 'exception' | 'split-read';

export type DriverContext = {
  readonly clock: Clock;
  /** Id of the connection, for messages. */
  readonly connection: string;
  /** Called for each oddity on the wire; never throws, never waits. */
  readonly observe: (event: WireEvent, device: string | undefined, detail: string) => void;
};

/** What reading a set of points costs, known before the first request. */
export type ReadPlan = {
  /** One line a request, e.g. `holding 100..147 (48 registers, 12 points)`. */
  readonly requests: readonly string[];
  /** Expected milliseconds on the bus for one round. */
  readonly busTime: number;
};

/**
 * A protocol. Stateless: everything that lives is in the sessions it opens.
 * Its three schemas are the only source of its configuration's types, checks, defaults and documentation.
 */
export interface DriverOf<Connection, Device, Address> {
  readonly name: string;
  readonly schemas: {
    /** The keys of a connection besides `driver`. A union where the transport decides on the keys. */
    readonly connection: ZodType<Connection>;
    /** The keys of a device besides the common ones (connection, profile, every, domain, labels, points). */
    readonly device: ZodObject & ZodType<Device>;
    /** The keys of a point besides the common ones (unit, quantity, obis, kind, scale, …): its address. */
    readonly point: ZodObject & ZodType<Address>;
  };
  /** The type of a point's raw values, before scaling; `writable` when the address can be written at all. */
  describe(address: Address): { readonly type: ValueType; readonly writable: boolean };
  /** What one round over these points will cost; pure. Absent where the device decides what it sends. */
  plan?(
    connection: Connection,
    device: DriverDevice<Device, Address>,
    points: readonly DriverPoint<Address>[],
  ): ReadPlan;
  /**
   * Connects or throws. Never retries, never waits beyond the configured timeout, keeps no reconnect state: the
   * collector does. A session that exists is connected. Aborting `signal` ends the attempt at once.
   */
  open(
    connection: Connection,
    devices: readonly DriverDevice<Device, Address>[],
    context: DriverContext,
    signal: AbortSignal,
  ): Promise<Session>;
  /** Plays the devices for tests, demonstrations and training. Absent where there is no simulator. */
  simulate?(
    devices: readonly SimulatedDevice<Device, Address>[],
    listen: { readonly host: string; readonly port: number },
    clock: Clock,
  ): Promise<Simulation>;
}

/** A device to be played by a simulator. */
export type SimulatedDevice<Device, Address> = {
  readonly device: DriverDevice<Device, Address>;
  /** What each point is, by its number: unit and quantity decide how its value moves, scale and offset how it is stored. */
  readonly points: ReadonlyMap<PointNumber, SimulatedPoint>;
};

export type SimulatedPoint = {
  readonly quantity: string | undefined;
  readonly unit: string | undefined;
  readonly kind: PointKind;
  readonly scale: number;
  readonly offset: number;
};

/** The far end of a simulation, listening. Disposing it closes every connection. */
export interface Simulation extends AsyncDisposable {
  /** Where it listens, e.g. `127.0.0.1:1502`; port 0 was replaced by the one given. */
  readonly address: { readonly host: string; readonly port: number };
}

/** A driver whose types the registry has forgotten; what it is given was parsed by its own schemas. */
export type Driver = DriverOf<unknown, unknown, unknown>;

/** A live connection, read by polling. Disposing it twice is harmless, and never takes longer than two seconds. */
export interface Session extends AsyncDisposable {
  /**
   * Reads the given points of one device: exactly one reading per point, in any order; raw values, unscaled.
   * What the device refuses, garbles or leaves unanswered is a bad reading with its reason.
   * Rejects only when the connection is lost (GatewayError, remedy `retry`) or with the signal's reason.
   */
  read(
    device: DriverDevice<unknown, unknown>,
    points: readonly DriverPoint<unknown>[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]>;
}

/** Registers a driver under the common type. The one place where its own types are forgotten. */
export function defineDriver<Connection, Device, Address>(driver: DriverOf<Connection, Device, Address>): Driver {
  return driver;
}
