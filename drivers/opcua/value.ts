import { isoTime, parseTime } from '../../src/model/clock.ts';
import { narrow } from '../../src/model/decimal.ts';
import type { ValueType } from '../../src/model/point.ts';
import type { Reason, Value } from '../../src/model/reading.ts';

/** Why something is no value of the type that the point has. */
export type Unfit = { readonly unfit: Reason };

/** Names of the values of an enumeration. */
export type ValueNames = ReadonlyMap<number, string>;

/** A value as the stack decodes it: of a built-in type (Part 6, 5.1.2, by its number), one or an array of them. */
export type Encoded = { readonly dataType: number; readonly value: unknown };

const MISMATCH: Unfit = { unfit: 'type-mismatch' };
const NO_VALUE: Unfit = { unfit: 'not-available' };
const NOT_A_NUMBER: Unfit = { unfit: 'not-a-number' };

export const builtIn = {
  Null: 0,
  Boolean: 1,
  SByte: 2,
  Byte: 3,
  Int16: 4,
  UInt16: 5,
  Int32: 6,
  UInt32: 7,
  Int64: 8,
  UInt64: 9,
  Float: 10,
  Double: 11,
  String: 12,
  DateTime: 13,
  Guid: 14,
  ByteString: 15,
  XmlElement: 16,
  NodeId: 17,
  ExpandedNodeId: 18,
  StatusCode: 19,
  QualifiedName: 20,
  LocalizedText: 21,
  ExtensionObject: 22,
} as const;

const ranges: Partial<Record<ValueType, readonly [least: number, greatest: number]>> = {
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** The scalar as a value of `type`; never another one in its place. */
export function scalarOf(encoded: Encoded, type: ValueType, names?: ValueNames): Value | Unfit {
  const { dataType, value } = encoded;
  if (value === null || value === undefined) return NO_VALUE;
  if (type === 'string') return (texts[dataType] ?? mismatch)(value, names);
  if (type === 'bool') return dataType === builtIn.Boolean && typeof value === 'boolean' ? value : MISMATCH;
  return numberOf(encoded, type);
}

function numberOf({ dataType, value }: Encoded, type: ValueType): number | bigint | Unfit {
  if (typeof value !== 'number') return within(wide(value, dataType), type);
  if (dataType === builtIn.Float || dataType === builtIn.Double) return floating(value, type);
  return dataType >= builtIn.SByte && dataType <= builtIn.UInt32 ? within(value, type) : MISMATCH;
}

function floating(value: number, type: ValueType): number | Unfit {
  if (type !== 'float64' && type !== 'float32') return MISMATCH;
  return Number.isFinite(value) ? value : NOT_A_NUMBER;
}

function within(value: number | bigint | Unfit, type: ValueType): number | bigint | Unfit {
  if (typeof value === 'object') return value;
  const range = ranges[type];
  if (range !== undefined) return value >= range[0] && value <= range[1] ? value : MISMATCH;
  if (type === 'uint64') return value >= 0 ? value : MISMATCH;
  if (type === 'int64') return value < 2n ** 63n ? value : MISMATCH;
  return value;
}

/** The stack decodes 64 bits as two halves, [high, low]; exact, a bigint only where a number would not be. */
function wide(value: unknown, dataType: number): number | bigint | Unfit {
  if ((dataType !== builtIn.Int64 && dataType !== builtIn.UInt64) || !isPair(value)) return MISMATCH;
  const bits = (BigInt(value[0] >>> 0) << 32n) | BigInt(value[1] >>> 0);
  return narrow(dataType === builtIn.Int64 ? BigInt.asIntN(64, bits) : bits);
}

/** The two halves of 64 bits, high and low, as the stack wants them. */
export function halves(value: bigint): readonly [high: number, low: number] {
  return [Number((value >> 32n) & 0xffff_ffffn), Number(value & 0xffff_ffffn)];
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((half) => typeof half === 'number');
}

type ToText = (value: unknown, names: ValueNames | undefined) => string | Unfit;

const asIs: ToText = (value) => (typeof value === 'string' ? value : MISMATCH);
const printed: ToText = (value) => String(value);
const named: ToText = (value, names) => (typeof value === 'number' ? (names?.get(value) ?? String(value)) : MISMATCH);
const mismatch: ToText = () => MISMATCH;

function wideText(dataType: number): ToText {
  return (value) => {
    const integer = wide(value, dataType);
    return typeof integer === 'object' ? integer : String(integer);
  };
}

/** How values of the built-in types are written. */
const texts: Readonly<Record<number, ToText>> = {
  [builtIn.Boolean]: printed,
  [builtIn.SByte]: named,
  [builtIn.Byte]: named,
  [builtIn.Int16]: named,
  [builtIn.UInt16]: named,
  [builtIn.Int32]: named,
  [builtIn.UInt32]: named,
  [builtIn.Int64]: wideText(builtIn.Int64),
  [builtIn.UInt64]: wideText(builtIn.UInt64),
  [builtIn.Float]: printed,
  [builtIn.Double]: printed,
  [builtIn.String]: asIs,
  [builtIn.XmlElement]: asIs,
  [builtIn.Guid]: asIs,
  [builtIn.DateTime]: (value) => (isTime(value) ? timeText(value.getTime()) : MISMATCH),
  [builtIn.ByteString]: (value) => (Buffer.isBuffer(value) ? value.toString('hex') : MISMATCH),
  [builtIn.LocalizedText]: (value) => (hasText(value) ? (value.text ?? NO_VALUE) : NO_VALUE),
  [builtIn.NodeId]: printed,
  [builtIn.ExpandedNodeId]: printed,
  [builtIn.StatusCode]: printed,
  [builtIn.QualifiedName]: printed,
};

/** ISO 8601. The zero of the encoding, 1601, says that there is no time (Part 6, 5.2.2.5). */
function timeText(time: number): string | Unfit {
  return Number.isFinite(time) && time > NO_TIME ? isoTime(time) : NO_VALUE;
}

const NO_TIME = parseTime('1601-01-01T00:00:00Z');

function isTime(value: unknown): value is { getTime(): number } {
  return typeof value === 'object' && value !== null && 'getTime' in value && typeof value.getTime === 'function';
}

function hasText(value: unknown): value is { readonly text: string | null | undefined } {
  return typeof value === 'object' && value !== null && 'text' in value;
}
