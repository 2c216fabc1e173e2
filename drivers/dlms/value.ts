import type { ValueType } from '../../src/model/point.ts';
import { scaling } from '../../src/model/decimal.ts';
import type { Reason, Value } from '../../src/model/reading.ts';
import { DATE_TIME_BYTES, parseCosemTime, showCosemTime } from './cosem-time.ts';
import { isNumber, type Data } from './data.ts';

/** What a value can be for who reads it: a number after scaling, a text, or yes and no. */
export const valueTypes = ['number', 'text', 'bool'] as const;
export type ValueKind = (typeof valueTypes)[number];

/** In the words of a point. */
export const pointTypes = { number: 'float64', text: 'string', bool: 'bool' } as const satisfies Record<
  ValueKind,
  ValueType
>;

export type Decoded = { readonly value: Value } | { readonly reason: Reason };

/** What a value by itself is; undefined for what is made of several. */
export function kindOf(data: Data): ValueKind | undefined {
  if (isNumber(data)) return 'number';
  if (data.type === 'bool') return 'bool';
  return data.type === 'array' || data.type === 'structure' || data.type === 'null' ? undefined : 'text';
}

/** The value of a point of `kind`, or why it has none. `scaler` is the power of ten that a number is multiplied by. */
export function decodeValue(data: Data, kind: ValueKind, scaler: number): Decoded {
  if (data.type === 'null') return { reason: 'not-available' };
  if (kind === 'text') return textOf(data);
  if (kind === 'bool') return boolOf(data);
  if (!isNumber(data)) return { reason: 'type-mismatch' };
  if (!Number.isFinite(Number(data.value))) return { reason: 'not-a-number' };
  return { value: scalingBy(scaler)(data.value) };
}

function boolOf(data: Data): Decoded {
  if (data.type === 'bool') return { value: data.value };
  return isNumber(data) && (data.value === 0 || data.value === 1)
    ? { value: data.value === 1 }
    : { reason: 'type-mismatch' };
}

function textOf(data: Data): Decoded {
  if ('text' in data) return { value: data.text };
  if ('bytes' in data) return { value: showBytes(data.bytes) };
  return 'value' in data ? { value: String(data.value) } : { reason: 'type-mismatch' };
}

// What is printed on meters and in their menus.
const PRINTABLE = /^[ -~]+$/;

/** A text where it is one, a time where it is one, else the bytes in hexadecimal. */
function showBytes(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/[\0 ]+$/, '');
  if (PRINTABLE.test(text)) return text;
  const time = bytes.length === DATE_TIME_BYTES ? parseCosemTime(bytes) : undefined;
  return time === undefined ? bytes.toString('hex') : showCosemTime(time);
}

const scalings = new Map<number, (raw: number | bigint) => number | bigint>();

function scalingBy(scaler: number): (raw: number | bigint) => number | bigint {
  const known = scalings.get(scaler) ?? scaling(Number(`1e${scaler}`), 0);
  scalings.set(scaler, known);
  return known;
}
