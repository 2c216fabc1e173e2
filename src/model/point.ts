import type { Value } from './reading.ts';

/** `device/point`, as in the configuration. */
export type PointId = string;

/** The type in which a point's values travel; integers beyond 2^53 are strings on the wire. */
export type ValueType =
  | 'bool'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string';

export const pointKinds = ['gauge', 'counter', 'state', 'text'] as const;
export type PointKind = (typeof pointKinds)[number];

/** Urgency and worth of a reading: alarms commit at once, bulk is the first to be dropped when the journal is full. */
export const readingClasses = ['alarm', 'billing', 'normal', 'bulk'] as const;
export type ReadingClass = (typeof readingClasses)[number];

export const domains = ['energy', 'water', 'mobility', 'health', 'buildings', 'city'] as const;
export type Domain = (typeof domains)[number];

/** What may be written to a point; absent on points that are only read. */
export type WriteRule = {
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly values?: readonly (number | string | boolean)[];
};

/**
 * What a centre is told about a point, and what the journal keeps beside its number. Plain JSON: it is stored and sent as is.
 * A point whose definition changes gets a new number, so that what was journalled before keeps its old meaning.
 */
export type PointDefinition = {
  readonly id: PointId;
  readonly device: string;
  readonly name: string;
  readonly type: ValueType;
  readonly kind: PointKind;
  readonly class: ReadingClass;
  /** Our vocabulary, e.g. `active-energy-import`. */
  readonly quantity?: string;
  /** IEC 62056-61, e.g. `1-0:1.8.0`. */
  readonly obis?: string;
  /** UCUM, e.g. `kW.h`. */
  readonly unit?: string;
  readonly domain?: Domain;
  /** Labels of the gateway and of the device, the device's winning. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of a state's values, e.g. `{ "0": "off", "1": "on" }`. */
  readonly states?: Readonly<Record<string, string>>;
  readonly write?: WriteRule;
};

/** The name of a state's value; undefined where it has none. A bool's may be written under 0 and 1 too. */
export function stateName(states: PointDefinition['states'], value: Value | null): string | undefined {
  return states?.[String(value)] ?? (typeof value === 'boolean' ? states?.[String(Number(value))] : undefined);
}
