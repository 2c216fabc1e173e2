import { narrow, scaling } from '../../src/model/decimal.ts';
import type { Reason, Value } from '../../src/model/reading.ts';
import { hexByte } from './qualifiers.ts';
import type { Content, Meaning } from './quantity-tables.ts';
import { readTime, showTime, type RecordTime } from './record-time.ts';
import { reversedText } from './value-information.ts';

/** What a record holds; `null` for a record without data, a reason where the meter has no value to tell. */
export type Datum =
  | { readonly value: Value; readonly time?: RecordTime }
  | { readonly value: null; readonly reason: Reason | undefined };

export const VARIABLE = 0x0d;
const SELECTION = 0x08;
const REAL = 5;

// EN 13757-3, 6.3.3: bytes of each data field; of the variable one the length comes first.
const FIELD_BYTES = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, undefined, 6, undefined] as const;

/** How the bytes of a record are coded. */
type Coding = 'none' | 'integer' | 'negative-bcd' | 'bcd' | 'real' | 'latin1';

export type Extent = { readonly coding: Coding; readonly start: number; readonly end: number };

/** Where the data of a record lie that begin at `start`, or what is wrong with them. */
export function measureData(bytes: Buffer, start: number, field: number): Extent | string {
  const extent = field === VARIABLE ? variableExtent(bytes, start) : fixedExtent(start, field);
  if (typeof extent === 'string') return extent;
  return extent.end <= bytes.length ? extent : `it ends within the data of a record of ${extent.end - start} bytes`;
}

function fixedExtent(start: number, field: number): Extent {
  return { coding: codingOf(field), start, end: start + (FIELD_BYTES[field] ?? 0) };
}

function codingOf(field: number): Coding {
  if (field === REAL) return 'real';
  if (field > SELECTION) return 'bcd';
  return field === 0 || field === SELECTION ? 'none' : 'integer';
}

/** EN 13757-3, 6.3.3, LVAR: codings by the first byte, from a code on, and how many bytes each code more means. */
const VARIABLE_CODES: readonly (readonly [
  from: number,
  coding: Coding | undefined,
  bytes: (code: number) => number,
])[] = [
  [0x00, 'latin1', (code) => code],
  [0xc0, 'bcd', (code) => code - 0xc0],
  [0xca, undefined, () => 0],
  [0xd0, 'negative-bcd', (code) => code - 0xd0],
  [0xda, undefined, () => 0],
  [0xe0, 'integer', (code) => code - 0xe0],
  [0xf0, 'integer', (code) => 4 * (code - 0xec)],
  [0xf5, 'integer', () => 48],
  [0xf6, 'integer', () => 64],
  [0xf7, undefined, () => 0],
];

function variableExtent(bytes: Buffer, start: number): Extent | string {
  const code = bytes[start];
  if (code === undefined) return 'it ends before the length of a record';
  const [, coding, count] = VARIABLE_CODES.findLast(([from]) => code >= from) ?? [];
  if (coding === undefined || count === undefined) {
    return `a variable length is coded as ${hexByte(code)}, which is reserved`;
  }
  return { coding, start: start + 1, end: start + 1 + count(code) };
}

const NO_DATA: Datum = { value: null, reason: undefined };
const NOT_AVAILABLE: Datum = { value: null, reason: 'not-available' };

/** The value of a record's data, in the unit of its meaning. */
export function readData(bytes: Buffer, { coding, start, end }: Extent, meaning: Meaning): Datum {
  const data = bytes.subarray(start, end);
  if (coding === 'none') return NO_DATA;
  if (meaning.content === 'bytes') return { value: data.toString('hex') };
  if (coding === 'latin1') return { value: reversedText(data).replace(/[\0 ]+$/, '') };
  if (meaning.content === 'time') return timeIn(data, coding);
  if (coding === 'real') return realIn(data, meaning);
  if (coding === 'integer') return integerIn(data, meaning);
  return bcdIn(data, coding === 'negative-bcd', meaning);
}

function timeIn(data: Buffer, coding: Coding): Datum {
  const time = coding === 'integer' ? readTime(data) : undefined;
  return time === undefined ? NOT_AVAILABLE : { value: showTime(time), time };
}

function realIn(data: Buffer, meaning: Meaning): Datum {
  const value = data.readFloatLE(0);
  return Number.isFinite(value) ? inUnit(value, meaning) : { value: null, reason: 'not-a-number' };
}

const MOST_INTEGER_BYTES = 8;

function integerIn(data: Buffer, meaning: Meaning): Datum {
  // No number that we could carry has more bits: it is a key or a container.
  if (data.length > MOST_INTEGER_BYTES || data.length === 0) return { value: data.toString('hex') };
  const isSigned = meaning.content === 'number';
  // Type B: the lowest value there is means that there is none.
  if (isSigned && isLowest(data)) return NOT_AVAILABLE;
  return ofContent(integerOf(data, isSigned), meaning);
}

function isLowest(data: Buffer): boolean {
  return data[data.length - 1] === 0x80 && data.subarray(0, -1).every((byte) => byte === 0);
}

const MOST_NUMBER_BYTES = 6; // of what Node reads into a number

function integerOf(data: Buffer, isSigned: boolean): number | bigint {
  const { length } = data;
  if (length <= MOST_NUMBER_BYTES) return isSigned ? data.readIntLE(0, length) : data.readUIntLE(0, length);
  const wide = Buffer.alloc(8, isSigned && (data[length - 1] ?? 0) > 0x7f ? 0xff : 0);
  data.copy(wide);
  return narrow(isSigned ? wide.readBigInt64LE(0) : wide.readBigUInt64LE(0));
}

const MINUS = 'f'; // EN 13757-3, Annex A, type A: in place of the first digit

/** Digits, the lowest byte first. Any other digit than 0 to 9 says that the meter has no value, or shows an error. */
function bcdIn(data: Buffer, isNegative: boolean, meaning: Meaning): Datum {
  const digits = Buffer.from(data).reverse().toString('hex');
  if (digits === '') return NOT_AVAILABLE;
  if (meaning.content === 'text') return isText(digits) ? { value: digits.toUpperCase() } : NOT_AVAILABLE;
  const hasMinus = digits.startsWith(MINUS);
  const plain = hasMinus ? digits.slice(1) : digits;
  if (!/^\d+$/.test(plain)) return NOT_AVAILABLE;
  const amount = narrow(BigInt(plain));
  return ofContent(hasMinus || isNegative ? negated(amount) : amount, meaning);
}

/** Numbers of devices may have letters; one that is nothing but F is none. */
function isText(digits: string): boolean {
  return /[^f]/.test(digits);
}

function negated(amount: number | bigint): number | bigint {
  return typeof amount === 'bigint' ? -amount : 0 - amount;
}

function ofContent(raw: number | bigint, meaning: Meaning): Datum {
  return HAS_SCALE[meaning.content] ? inUnit(raw, meaning) : { value: meaning.content === 'text' ? String(raw) : raw };
}

const HAS_SCALE = {
  number: true,
  bits: false,
  text: false,
  time: false,
  bytes: false,
} as const satisfies Record<Content, boolean>;

function inUnit(raw: number | bigint, { exponent, multiplier }: Meaning): Datum {
  const value = exponent === 0 && multiplier === 1 ? raw : scalingBy(multiplier, exponent)(raw);
  return typeof value === 'bigint' || Number.isFinite(value) ? { value } : { value: null, reason: 'not-a-number' };
}

type Scaling = ReturnType<typeof scaling>;

// Few are ever needed: multipliers are four, and exponents are bounded by the number of extensions.
const SCALINGS = new Map<string, Scaling>();

function scalingBy(multiplier: number, exponent: number): Scaling {
  const factor = `${multiplier}e${exponent}`;
  const known = SCALINGS.get(factor);
  if (known !== undefined) return known;
  const made = scaling(Number(factor), 0);
  SCALINGS.set(factor, made);
  return made;
}
