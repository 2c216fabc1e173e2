import type { ZodObject, ZodType } from 'zod';
import type { Clock } from '../model/clock.ts';
import type { PointId, PointKind, ValueType } from '../model/point.ts';
import type { PointNumber, Reading, Value } from '../model/reading.ts';
import type { StateStore } from '../model/state-store.ts';
import type { FrameTap } from '../wire/trace.ts';
import type { LineSettings } from '../wire/serial-port.ts';
import type { SimulatedDevice, Simulation, SimulationSettings } from './simulation.ts';

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
export type WireEvent =
  | 'late-frame'
  | 'foreign-frame'
  | 'malformed-frame'
  | 'checksum-error'
  | 'noise'
  | 'timeout'
  | 'exception'
  | 'split-read';

export type DriverContext = {
  readonly clock: Clock;
  /** Id of the connection, for messages. */
  readonly connection: string;
  /** Called for each oddity on the wire; never throws, never waits. */
  readonly observe: (event: WireEvent, device: string | undefined, detail: string) => void;
  /** Called for each request that was answered, with the milliseconds that took; never throws, never waits. */
  readonly answered: (device: string, milliseconds: number) => void;
  /** Whoever traces this connection: told of every frame while `listener` is there. */
  readonly tap: FrameTap;
  /**
   * Folder in which the driver may keep what outlives a session, in one of its own name, made at first need: keys, and
   * whom it trusts. Absent where nothing is kept.
   */
  readonly folder?: string | undefined;
  /** What the driver must remember over restarts, such as counters that must never repeat; keys are its own. Absent: nothing is kept. */
  readonly state?: StateStore;
};

/** What reading a set of points costs, known before the first request. */
type ReadPlan = {
  /** One line a request, e.g. `holding 100..147 (48 registers, 12 points)`. */
  readonly requests: readonly string[];
  /** Expected milliseconds on the bus for one round. */
  readonly busTime: number;
};

/** Where a value lies in its device, and what is needed to make sense of it. */
export type Placement = {
  /** The place as the device's manual counts, e.g. `holding 100..101` or `holding 7 bits 0..3`. */
  readonly text: string;
  /** How it is read there, e.g. `float32 CDAB`. */
  readonly type: string;
  /** What the parts are counted in, e.g. `holding`: values in different spaces share nothing. */
  readonly space: string;
  /** The first and last of the smallest parts that can be a value of their own (bits), both included. */
  readonly first: number;
  readonly last: number;
  /** Whether it is only a part of what the device holds there as one value: bits of a register. */
  readonly isPart: boolean;
  /** Keys of the device that decide what is read here, so that a profile has to say them: `order`. */
  readonly needs: readonly string[];
};

/** What is known of a point's raw values, before scaling. */
export type ValueDescription = {
  readonly type: ValueType;
  /** Whether the address can be written at all. */
  readonly writable: boolean;
  /** The least and the greatest value, where that is less than the type holds: `[0, 15]` for four bits. */
  readonly range?: readonly [least: number, greatest: number];
};

/**
 * A protocol. Stateless: everything that lives is in the sessions it opens.
 * Its three schemas are the only source of its configuration's types, checks, defaults and documentation.
 */
export interface DriverOf<Connection, Device, Address, Opened extends AnySession = AnySession> {
  readonly name: string;
  /** There are devices that say by themselves what they hold: one may be configured without points. */
  readonly discovers?: true;
  /** Its simulator needs no profile: a device without points is played as a usual one of its kind. */
  readonly simulatesUnprofiled?: true;
  /** How many bytes at the beginning of each frame only number it, by transport. Absent: none do. */
  readonly numbering?: Readonly<Record<string, number>>;
  readonly schemas: {
    /** The keys of a connection besides `driver`. A union where the transport decides on the keys. */
    readonly connection: ZodType<Connection>;
    /** The keys of a device besides the common ones (connection, profile, every, domain, labels, points). */
    readonly device: ZodObject & ZodType<Device>;
    /**
     * The keys of a point besides the common ones (unit, quantity, obis, kind, scale, …): its address. What it names of
     * those is told to both.
     */
    readonly point: ZodObject & ZodType<Address>;
  };
  /** Common keys of a point that mean something else here, and are told to the driver alone. */
  readonly ownPointKeys?: readonly string[];
  /** What a point's raw values can be. */
  describe(address: Address): ValueDescription;
  /**
   * Where a point lies, for who checks or prints a profile; pure. Throws `configuration-invalid` where such a device
   * has no such place. Absent where an address names one value, and nothing else can be there.
   */
  place?(point: DriverPoint<Address>, device: Device): Placement;
  /**
   * Whether such a device is all devices of its line at once: they take what is written and none answers, so that nothing
   * can be read from it. Pure; absent where there is no such address.
   */
  isBroadcast?(connection: Connection, device: Device): boolean;
  /**
   * Throws `configuration-invalid` where each setting is allowed by itself and all together are not: devices that cannot
   * share a connection, a device that lacks a key which the connection asks for. The message begins with the id of the
   * device at fault, where it is one. Pure; asked when a configuration is checked and before `open`.
   */
  check?(connection: Connection, devices: readonly DriverDevice<Device, Address>[]): void;
  /**
   * What is wrong with the form of a secret, by the path of its key in connection or device; never repeats the secret.
   * Asked when a configuration is checked. Absent where any text may be one.
   */
  secretFault?(path: readonly PropertyKey[], secret: string): string | undefined;
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
  ): Promise<Opened>;
  /**
   * Other meanings of the same place, for who does not know how a device stores a value: every type and order, each
   * with a name for people (`float32 CDAB`). Pure; absent where the protocol itself says what a value is.
   */
  alternatives?(address: Address): readonly { readonly name: string; readonly address: Address }[];
  /**
   * The settings under which a scan is tried, one after the other: all bauds and parities that `range` means, the
   * connection's own first. Absent where only its own make sense.
   */
  scanSettings?(connection: Connection, range: ScanRange): readonly ScanSettings<Connection>[];
  /**
   * How often its devices should be read, as a configuration would write it, where whoever sets them up does not know
   * better: for what its lines and batteries take. Absent: 10s.
   */
  readonly proposedPeriod?: string;
  /** How its devices are told on a line of which nothing is known, the most likely first. Absent: they cannot be. */
  readonly recognitions?: readonly Recognition[];
  /**
   * Plays the devices for tests, demonstrations and training. Rejects with `usage` for what cannot be played, with
   * `connection-failed` when the address is not to be had. Absent where there is no simulator.
   */
  simulate?(devices: readonly SimulatedDevice<Device, Address>[], settings: SimulationSettings): Promise<Simulation>;
}

/** One way to tell on an unknown line that devices of a protocol are there. */
export type Recognition = {
  /** How a serial port is set for it; a device server on the network has settings of its own. */
  readonly line: LineSettings;
  /** It is asked over a network alone, and there before anything else: it harms nobody, and is known at once. */
  readonly isOfNetwork?: true;
  /** Milliseconds in which something must have been heard. */
  readonly patience: number;
  /** What is sent first; absent where devices speak by themselves. */
  readonly question?: Uint8Array;
  /** What all the bytes heard so far say; undefined as long as they say nothing. Pure. */
  readonly recognise: (heard: Uint8Array) => Recognised | undefined;
};

/** What a line turned out to be; keys as a configuration would write them. */
type Recognised = {
  /** For people, e.g. `a meter LGZ ZMD120, IEC 62056-21 mode C`. */
  readonly summary: string;
  /** Keys of the connection besides its driver and where it is, for a serial port and for a device server. */
  readonly serial: Readonly<Record<string, unknown>>;
  readonly network: Readonly<Record<string, unknown>>;
  readonly device: Readonly<Record<string, unknown>>;
};

/** A driver whose types the registry has forgotten; what it is given was parsed by its own schemas. */
export type Driver = DriverOf<unknown, unknown, unknown>;

/**
 * A connection is asked or listened to; which of the two may depend on its settings. A session that has both `read` and
 * `listen` is listened to, and asked in between.
 */
export type AnySession = Session | ListeningSession | (Session & ListeningSession);

/** A live connection, read by polling. Disposing it twice is harmless, and never takes longer than two seconds. */
export interface Session extends AsyncDisposable {
  /**
   * Reads the given points of one device: exactly one reading per point, in any order; raw values, unscaled.
   * What the device refuses, garbles or leaves unanswered is a bad reading with its reason.
   * Rejects only when the connection is lost (GatewayError, remedy `retry`), with `access-refused` where the device does
   * not let us in at all, so that it is left alone for long, or with the signal's reason.
   */
  read(
    device: DriverDevice<unknown, unknown>,
    points: readonly DriverPoint<unknown>[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]>;
  /**
   * Writes raw values to points of one device, joined into as few requests as the protocol allows, and reads them back:
   * one reading per point. Rejects with `device-refused`, or with `no-answer` when it is not known whether the device
   * did it, or as `read` does; what was asked before the failure may have been done. Never repeats by itself. What a
   * broadcast wrote cannot be read back: it is `bad`, `no-answer`. Absent where the protocol cannot write.
   */
  write?(
    device: DriverDevice<unknown, unknown>,
    writes: readonly PointWrite[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]>;
  /**
   * The points that a device describes by itself. Asked for before the first read of a device that is configured
   * without points, and again after it was lost. Rejects with `device-undescribed` where it says nothing, with
   * `no-answer` where it is silent, or as `read` does. Absent where no device of the protocol does so.
   */
  discover?(device: DriverDevice<unknown, unknown>, signal: AbortSignal): Promise<readonly DiscoveredPoint[]>;
  /**
   * Looks for devices. Each step asks one address, in at most the connection's timeout; between two steps others may
   * use the session. Rejects as `read` does. Absent where the protocol has nothing to look for.
   */
  scan?(range: ScanRange, signal: AbortSignal): AsyncIterable<ScanStep>;
  /** What the device says of itself, in bounded time; no facts where it says nothing. Rejects as `read` does. */
  identify?(device: DriverDevice<unknown, unknown>, signal: AbortSignal): Promise<Identity>;
  /**
   * What lies one level below `place`, or at the top without it. Rejects with `device-refused` where there is no such
   * place, or as `read` does. Absent where the protocol has no tree to look through.
   */
  browse?(place: string | undefined, signal: AbortSignal): Promise<readonly BrowsedNode[]>;
  /** See `History`. Between two portions others may use the session. */
  history?(...asked: Parameters<History>): ReturnType<History>;
}

/** A stretch of wall time in milliseconds since 1970 UTC, neither end included. */
export type TimeSpan = { readonly from: number; readonly to: number };

/**
 * What a device has kept by itself of these points: asked for where it was not heard for a while. Portions are bounded
 * and oldest first: none reaches back before the one before it. Raw values, unscaled, each with its source time, and with
 * the reason `historical` where it is as good as one read at that time. Points of which the device keeps nothing are
 * left out. Rejects with `device-refused` where it keeps nothing at all, or as a read does.
 * @internal
 */
export type History = (
  device: DriverDevice<unknown, unknown>,
  points: readonly DriverPoint<unknown>[],
  span: TimeSpan,
  signal: AbortSignal,
) => AsyncIterable<readonly Reading[]>;

/**
 * A live connection whose devices speak by themselves; nothing is asked of them, unless it is a `Session` too.
 * Disposing it twice is harmless, and never takes longer than two seconds.
 */
export interface ListeningSession extends AsyncDisposable {
  /**
   * There: the session notices by itself when a device is silent, and ends or says so; silence between two telegrams
   * then means nothing. Absent: a device speaks at a rhythm of its own, by which its silence is noticed.
   */
  readonly watchesSilence?: true;
  /**
   * What the devices say, from now on and in the order in which they said it, one item for each telegram, and that as
   * soon as it is whole. Called once. What comes while nobody takes it waits, bounded: the oldest goes first. What
   * cannot be understood, or comes from a device that is not configured, is told to `observe` and left out; whether a
   * device is silent is not watched here. Ends when `signal` aborts; rejects only when the connection is lost
   * (GatewayError, remedy `retry`).
   */
  listen(signal: AbortSignal): AsyncIterable<Pushed>;
  /** See `History`; may be called while it listens. */
  history?(...asked: Parameters<History>): ReturnType<History>;
}

/** What one device said at once. */
export type Pushed = {
  /** Id of the device. */
  readonly device: string;
  /**
   * Points of which this session has not told before; they come no later than their first readings. Only of devices
   * that are configured without points: of the others, what is not among their points is left out.
   */
  readonly discovered?: readonly DiscoveredPoint[];
  /**
   * Raw values, unscaled, those of one point in the order in which they arose: of a configured point by its number, of
   * a discovered one by its name. What the device marks as not available is a bad reading; a point that it did not speak
   * of has none. None at all: the device is there, and has nothing new to say.
   */
  readonly readings: readonly Reading<PointNumber | string>[];
};

/** A raw value to be written: unscaled, as the device will hold it. */
export type PointWrite = { readonly point: DriverPoint<unknown>; readonly value: Value };

/**
 * A point that its device describes; `name` as in a configuration, different from all others of the device. The address
 * is one of the driver's own, such as its point schema makes.
 */
export type DiscoveredPoint = {
  readonly name: string;
  readonly address: unknown;
  readonly unit?: string;
  readonly quantity?: string;
  readonly obis?: string;
  readonly kind?: PointKind;
  /** The raw value is multiplied by this. */
  readonly scale?: number;
  /** Names of the values of a state. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Milliseconds; for what hardly ever changes. Absent: the device's. */
  readonly every?: number;
};

export const parities = ['none', 'even', 'odd'] as const;
export type Parity = (typeof parities)[number];

/**
 * Where a scan looks. Absent addresses are left to the protocol. Bauds and parities are of serial lines alone: absent
 * ones are the connection's own, and with `allSettings` all that are usual.
 */
export type ScanRange = {
  readonly addresses?: readonly number[];
  readonly bauds?: readonly number[];
  readonly parities?: readonly Parity[];
  readonly allSettings?: boolean;
};

/** `name` for people, e.g. `9600 8E1`; `changed` are the connection's keys as a configuration would write them. */
export type ScanSettings<Connection> = {
  readonly name: string;
  readonly settings: Connection;
  readonly changed: Readonly<Record<string, unknown>>;
};

/** One address was tried, the `done`th of `total`; `found` when something answered there. */
export type ScanStep = {
  readonly address: string;
  readonly done: number;
  readonly total: number;
  readonly found?: {
    /** The device's keys as a configuration would write them, e.g. `{ unit: 3 }`. */
    readonly device: Readonly<Record<string, unknown>>;
    /** How it answered, e.g. `exception 2 to holding 0`, and after how many milliseconds. */
    readonly answer: string;
    readonly milliseconds: number;
    /** Several answer here as one, and none of them can be configured so: they have to be told apart first. */
    readonly isSeveral?: true;
  };
};

/** What a device says of itself, in the protocol's own words: vendor, product, revision, serial number. */
export type Identity = {
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** How it describes its points, where it does: `SunSpec: models 1, 103, 160`. Such a device needs no profile. */
  readonly describes?: string;
};

/** A place in the tree of what a device holds. */
export type BrowsedNode = {
  /** By which it is asked for, as a configuration would write it. */
  readonly place: string;
  /** As the device calls it. */
  readonly name: string;
  readonly description?: string;
  /** It belongs to the protocol rather than to what the device is about. */
  readonly isStandard?: true;
  /** Where it holds a value: what it is now, for people, its type in the protocol's words, and what may be done. */
  readonly value?: { readonly text: string; readonly type: string; readonly access: 'read' | 'write' | 'none' };
  /** The keys of a point that reads it, as a configuration would write them; absent where it cannot be one. */
  readonly point?: Readonly<Record<string, unknown>>;
};

/** Registers a driver under the common type. The one place where its own types are forgotten. */
export function defineDriver<Connection, Device, Address, Opened extends AnySession = Session>(
  driver: DriverOf<Connection, Device, Address, Opened>,
): DriverOf<unknown, unknown, unknown, Opened> {
  return driver;
}
