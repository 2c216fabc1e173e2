import type { Domain, PointDefinition, PointId, ReadingClass } from '../model/point.ts';
import type { SecretReference } from '../model/secret.ts';
import type { Template } from './template.ts';
import type { TlsSettings } from '../wire/tls-settings.ts';

/** The configuration as the gateway uses it: parsed, profiles merged in, defaults filled, durations in milliseconds. */
export type Configuration = {
  /** The file it came from, absolute. */
  readonly file: string;
  readonly gateway: { readonly id: string; readonly labels: Readonly<Record<string, string>> };
  readonly journal: JournalSettings;
  readonly clock: { readonly trusted: boolean; readonly hold: number };
  readonly control: { readonly socket: string };
  /** The file, absolute, and the bytes that it and its older ones may take. */
  readonly audit: { readonly path: string; readonly size: number };
  readonly connections: readonly ConnectionSettings[];
  readonly devices: readonly DeviceSettings[];
  readonly destinations: readonly DestinationSettings[];
  readonly servers: readonly ServerSettings[];
};

type JournalSettings = {
  readonly path: string;
  /** Bytes and milliseconds. */
  readonly keep: { readonly size: number; readonly age: number };
  /** Longest milliseconds that a reading may wait in memory. */
  readonly commit: number;
};

export type ConnectionSettings = {
  readonly id: string;
  readonly driver: string;
  /** Parsed by the driver's own connection schema. */
  readonly settings: unknown;
};

export type DeviceSettings = {
  readonly id: string;
  readonly connection: string;
  readonly profile: string | undefined;
  /** Parsed by the driver's own device schema. */
  readonly settings: unknown;
  readonly points: readonly PointSettings[];
  /** What the points get that the device describes by itself; undefined where its points are configured. */
  readonly described: PointDefaults | undefined;
  /** Milliseconds by which its clock may be off before that is told; absent: as usual. */
  readonly clockBound?: number;
};

/** What a device has its points inherit. */
export type PointDefaults = {
  /** Milliseconds between two reads. */
  readonly every: number;
  readonly class: ReadingClass;
  readonly domain?: Domain | undefined;
  /** Labels of the gateway and of the device, the device's winning. */
  readonly labels: Readonly<Record<string, string>>;
};

export type PointSettings = {
  /** What the centre and the journal are told. */
  readonly definition: PointDefinition;
  /** Parsed by the driver's own point schema. */
  readonly address: unknown;
  /** Milliseconds between two reads. */
  readonly every: number;
  readonly processing: Processing;
};

/** From a raw value to a reading; see collect/processing.ts. */
export type Processing = {
  readonly scale: number;
  readonly offset: number;
  /** Raw values that mean "not available". */
  readonly invalid: readonly (number | string)[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Smallest change worth a reading, in the point's unit. */
  readonly deadband: number | undefined;
  readonly decimals: number | undefined;
};

export type DestinationSettings = {
  readonly name: string;
  readonly url: string;
  /** Brokers that stand in for it, in their order. */
  readonly failover: readonly string[];
  readonly user: { readonly name: string; readonly password: SecretReference | undefined } | undefined;
  readonly tls: TlsSettings | undefined;
  readonly format: FormatName;
  /** What the format asks for beyond its name. */
  readonly options: FormatOptions;
  readonly compress: Compression;
  /** The only version of MQTT to speak; undefined: the newest that the broker knows. */
  readonly protocol: '5' | '3.1.1' | undefined;
  readonly select: Selection;
  /** What its centre may ask of us; undefined: nothing. */
  readonly commands: CommandSettings | undefined;
  /** Milliseconds between two messages about the gateway's health. */
  readonly health: number;
  /** Milliseconds. */
  readonly keepAlive: number;
  /** Unacknowledged messages at most. */
  readonly window: number;
  /** Milliseconds that an acknowledgement may take. */
  readonly timeout: number;
  readonly reconnect: {
    /** Milliseconds within which the first attempt after a loss comes, at random. */
    readonly spread: number;
  };
  readonly backlog: 'oldest-first' | 'newest-first';
  /** Most that is sent a second; undefined: as much as the link takes. */
  readonly rate: RateLimit | undefined;
  readonly schedule: Schedule | undefined;
  readonly budget: BudgetSettings | undefined;
};

/** Per second. */
export type RateLimit = { readonly readings?: number; readonly bytes?: number };

/** Hours in which only alarms are sent, and hours in which alone the backlog is. */
export type Schedule = { readonly quiet?: readonly Hours[]; readonly backlog?: readonly Hours[] };

/** Of the day in UTC, minutes since midnight; `to` before `from` means over midnight. */
export type Hours = { readonly from: number; readonly to: number };

export type BudgetSettings = { readonly bytes: number; readonly per: 'day' | 'month' };

export const formatNames = ['json', 'sparkplug-b', 'opcua-pubsub', 'thingsboard', 'senml', 'fiware', 'custom'] as const;
export type FormatName = (typeof formatNames)[number];

export const compressions = ['none', 'zstd', 'gzip'] as const;
export type Compression = (typeof compressions)[number];

/** The settings of each format that has some, under the name of its key. */
export type FormatOptions = {
  readonly sparkplug?: SparkplugOptions | undefined;
  readonly senml?: SenmlOptions | undefined;
  readonly fiware?: FiwareOptions | undefined;
  readonly custom?: CustomOptions | undefined;
};

/** What stands in front of each name; undefined: the gateway's id and a slash. */
type SenmlOptions = { readonly baseName?: string };

export type FiwareOptions = { readonly apiKey: string; readonly form: 'iot-agent' | 'ngsi-ld' };

export type CustomOptions = {
  readonly topic: Template;
  readonly payload: Template;
  /** Whether readings of one topic share a message, and how. */
  readonly join: 'none' | 'array' | 'lines';
};

export type SparkplugOptions = {
  readonly group: string;
  /** The host application without which nothing is sent; undefined: none is waited for. */
  readonly primaryHost?: string | undefined;
};

export type CommandSettings = {
  /** The points that may be written. */
  readonly points: readonly PointId[];
  readonly perMinute: number;
  /** How often the centre may have the journal sent once more; absent: never. */
  readonly replay?: { readonly perHour: number } | undefined;
  /** Longest milliseconds between the issue of a command and its expiry. */
  readonly validity: number;
  /** Values in the points' units, for when the centre has been lost for `after` milliseconds. */
  readonly fallback?:
    | { readonly after: number; readonly values: Readonly<Record<PointId, number | string | boolean>> }
    | undefined;
};

/** Where others read from us. */
export type ServerSettings = {
  readonly name: string;
  readonly protocol: 'opcua';
  /** Address to listen at. */
  readonly host: string;
  readonly port: number;
  readonly security: {
    readonly policies: readonly SecurityPolicy[];
    readonly modes: readonly ('Sign' | 'SignAndEncrypt')[];
    readonly anonymous: boolean;
    /** Why policy None or users without a name are let in; absent means that neither is. */
    readonly allowInsecure: string | undefined;
  };
  readonly users: Readonly<Record<string, ServerUser>>;
  readonly select: Selection;
  /** Sessions at most. */
  readonly sessions: number;
};

export const securityPolicies = ['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss', 'None'] as const;
type SecurityPolicy = (typeof securityPolicies)[number];

type ServerUser = { readonly password: SecretReference; readonly write: boolean };

/** What goes to a destination or is offered by a server; an absent list means everything, several lists must all match. */
export type Selection = {
  readonly domain?: readonly Domain[];
  readonly device?: readonly string[];
  readonly point?: readonly PointId[];
  readonly class?: readonly ReadingClass[];
  /** Every label named must have one of the values. */
  readonly label?: Readonly<Record<string, readonly string[]>>;
};
