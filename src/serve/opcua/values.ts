import type { ValueType } from '../../model/point.ts';
import type { Value } from '../../model/reading.ts';

/** Names of the built-in data types of OPC UA (Part 6, 5.1.2), by our own. */
export const dataTypes = {
  bool: 'Boolean',
  int16: 'Int16',
  uint16: 'UInt16',
  int32: 'Int32',
  uint32: 'UInt32',
  int64: 'Int64',
  uint64: 'UInt64',
  float32: 'Float',
  float64: 'Double',
  string: 'String',
} as const satisfies Record<ValueType, string>;

/** Both halves of a 64-bit integer, the higher one first: what the library has for one. */
type Halves = readonly [high: number, low: number];

/** What the library has for a value of a type. */
type Encoded = number | boolean | string | Halves;

const integers = {
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const satisfies { readonly [Type in ValueType]?: readonly [least: bigint, most: bigint] };

/** The value as the library has it; undefined where it is none of the type. */
export function encodeValue(type: ValueType, value: Value): Encoded | undefined {
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (type === 'string') return String(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return type === 'float32' || type === 'float64' ? Number(value) : encodeInteger(type, value);
}

function encodeInteger(type: keyof typeof integers, value: number | bigint): number | Halves | undefined {
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const [least, most] = integers[type];
  const integer = BigInt(value);
  if (integer < least || integer > most) return undefined;
  if (type !== 'int64' && type !== 'uint64') return Number(integer);
  const bits = BigInt.asUintN(64, integer);
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}

/** What a client wrote, as somebody would give it to `weir device write`; undefined where it is no value of the type. */
export function decodeValue(type: ValueType, value: unknown): number | string | boolean | undefined {
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (type === 'string') return typeof value === 'string' ? value : undefined;
  if (type === 'int64' || type === 'uint64') return decodeHalves(type, value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return type === 'float32' ? shortest(value) : value;
}

function decodeHalves(type: 'int64' | 'uint64', value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [high, low]: unknown[] = value;
  if (typeof high !== 'number' || typeof low !== 'number') return undefined;
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return String(type === 'int64' ? BigInt.asIntN(64, bits) : bits);
}

/** The shortest decimal that a float32 stands for: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}
