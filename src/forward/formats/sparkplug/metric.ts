import { valueKinds, type Columns } from '../../../journal/codec.ts';
import type { ValueType } from '../../../model/point.ts';
import type { Output } from './output.ts';
import { datatypeOf, datatypes, integerBounds, metricTags } from './schema.ts';

// The value of a metric, Sparkplug 3.0 6.4.16: which field it has follows from the datatype.

/** A value as the journal stores it; see `Columns`. */
export type StoredValue = {
  readonly kind: number;
  readonly number: number;
  readonly other: bigint | string | undefined;
};

export const noValue: StoredValue = { kind: valueKinds.none, number: 0, other: undefined };

const LONGEST_NUMBER = 11; // a tag and 64 bits as varint

export function storedAt({ kinds, numbers, others }: Columns, index: number): StoredValue {
  return { kind: kinds[index] ?? 0, number: numbers[index] ?? 0, other: others[index] };
}

/** Appends a number that came in a numeric kind; false, and nothing, where the type cannot hold it. */
export function writeNumber(output: Output, type: ValueType, number: number): boolean {
  if (type === 'float64' || type === 'float32') return writeFloat(output, type, number);
  const bounds = integerBounds[type];
  if (bounds === undefined || !Number.isInteger(number) || number < bounds[0] || number > bounds[1]) return false;
  writeInteger(output, type, number);
  return true;
}

function writeFloat(output: Output, type: 'float32' | 'float64', number: number): boolean {
  const isDouble = type === 'float64';
  if (!Number.isFinite(isDouble ? number : Math.fround(number))) return false;
  output.byte(isDouble ? metricTags.double : metricTags.float);
  if (isDouble) output.double(number);
  else output.float(number);
  return true;
}

function writeInteger(output: Output, type: ValueType, number: number): void {
  if (datatypeOf[type] === datatypes.int64 || type === 'uint64') {
    output.byte(metricTags.long);
    output.signed(number);
  } else {
    output.byte(metricTags.int);
    output.unsigned(number >>> 0); // negative ones as 32 bits of two's complement
  }
}

/** Appends a value of whatever kind; false where there is none, or the type cannot hold it. */
function writeValue(output: Output, type: ValueType, { kind, number, other }: StoredValue): boolean {
  output.reserve(LONGEST_NUMBER);
  if (kind === valueKinds.none) return false;
  if (kind === valueKinds.text) return type === 'string' && writeText(output, String(other));
  if (kind === valueKinds.bigint) return writeBigint(output, type, other);
  if (kind !== valueKinds.true && kind !== valueKinds.false) return writeNumber(output, type, number);
  if (type !== 'bool') return false;
  output.byte(metricTags.boolean);
  output.byte(kind === valueKinds.true ? 1 : 0);
  return true;
}

function writeText(output: Output, text: string): boolean {
  output.byte(metricTags.string);
  output.text(text);
  return true;
}

function writeBigint(output: Output, type: ValueType, value: bigint | string | undefined): boolean {
  if (typeof value !== 'bigint' || (type !== 'int64' && type !== 'uint64')) return false;
  const fits = type === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (fits !== value) return false;
  output.byte(metricTags.long);
  output.long(value);
  return true;
}

/** A metric with all that it may have; absent parts are left out. */
export type Metric = {
  readonly name?: string;
  readonly alias?: number;
  /** Wall milliseconds. */
  readonly timestamp: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly type: ValueType;
  readonly value: StoredValue;
  /** The bytes of a property set. */
  readonly properties?: Buffer | undefined;
};

const LONGEST_HEAD = 48; // all fields but name, value and properties

/** Appends a metric, without its tag and length. False where it has no value that its type can hold: it is null then. */
export function writeMetric(output: Output, metric: Metric): boolean {
  const { name, alias, timestamp, datatype, properties } = metric;
  output.reserve(LONGEST_HEAD);
  if (name !== undefined) {
    output.byte(metricTags.name);
    output.text(name);
    output.reserve(LONGEST_HEAD);
  }
  field(output, metricTags.alias, alias);
  field(output, metricTags.timestamp, Math.max(0, Math.floor(timestamp)));
  field(output, metricTags.datatype, datatype);
  if (metric.isHistorical === true) field(output, metricTags.isHistorical, 1);
  const hasValue = writeValue(output, metric.type, metric.value);
  output.reserve(LONGEST_HEAD);
  if (!hasValue) field(output, metricTags.isNull, 1);
  if (properties !== undefined) {
    output.byte(metricTags.properties);
    output.unsigned(properties.length);
    output.raw(properties);
  }
  return hasValue;
}

function field(output: Output, tag: number, value: number | undefined): void {
  if (value === undefined) return;
  output.byte(tag);
  output.unsigned(value);
}
