import type { ValueType } from '../../../model/point.ts';
import type { Value } from '../../../model/reading.ts';
import { fieldsOf, MalformedPayload, type Field } from './input.ts';

// NCMD and DCMD payloads, from whoever may publish on the broker.

const MOST_METRICS = 1000;

/** A metric as it was received; fields that say nothing to an edge node are left out. */
export type ReceivedMetric = {
  name: string | undefined;
  alias: number | undefined;
  timestamp: number | undefined;
  /** The field that carries the value, undefined where it is null or of a kind that no point has. */
  value: Field | undefined;
};

export type ReceivedPayload = { readonly timestamp: number | undefined; readonly metrics: readonly ReceivedMetric[] };

/** Undefined where the bytes are no payload. */
export function parsePayload(bytes: Buffer): ReceivedPayload | undefined {
  try {
    const metrics: ReceivedMetric[] = [];
    let timestamp: number | undefined;
    for (const { number, value, bytes: content } of fieldsOf(bytes)) {
      if (number === 1) timestamp = Number(value);
      if (number === 2 && metrics.push(parseMetric(content)) > MOST_METRICS) return undefined;
    }
    return { timestamp, metrics };
  } catch (error) {
    if (error instanceof MalformedPayload) return undefined;
    throw error;
  }
}

const fieldNumbers = {
  name: 1,
  alias: 2,
  timestamp: 3,
  int: 10,
  long: 11,
  float: 12,
  double: 13,
  boolean: 14,
  string: 15,
};

function parseMetric(bytes: Buffer): ReceivedMetric {
  const metric: ReceivedMetric = { name: undefined, alias: undefined, timestamp: undefined, value: undefined };
  for (const field of fieldsOf(bytes)) {
    if (field.number === fieldNumbers.name) metric.name = field.bytes.toString('utf8');
    else if (field.number === fieldNumbers.alias) metric.alias = Number(field.value);
    else if (field.number === fieldNumbers.timestamp) metric.timestamp = Number(field.value);
    else if (field.number >= fieldNumbers.int && field.number <= fieldNumbers.string) metric.value = field;
  }
  return metric;
}

/** The value as a point of this type has it; undefined where the field cannot be one. */
export function valueOf({ number, value, bytes }: Field, type: ValueType): Value | undefined {
  if (number === fieldNumbers.string) return type === 'string' ? bytes.toString('utf8') : undefined;
  if (number === fieldNumbers.boolean) return type === 'bool' ? value !== 0n : undefined;
  if (type === 'string' || type === 'bool') return undefined;
  if (number === fieldNumbers.float) return floatOf(value);
  if (number === fieldNumbers.double) return doubleOf(value);
  return integerOf(number === fieldNumbers.int ? 32 : 64, value, type);
}

/** Negative integers come in two's complement, of the width of their field. */
function integerOf(bits: number, value: bigint, type: ValueType): Value {
  const integer = type.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  const isSafe = integer >= BigInt(Number.MIN_SAFE_INTEGER) && integer <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(integer) : integer;
}

const scratch = new DataView(new ArrayBuffer(8));

function floatOf(bits: bigint): number | undefined {
  scratch.setUint32(0, Number(bits));
  const value = scratch.getFloat32(0);
  return Number.isFinite(value) ? value : undefined;
}

function doubleOf(bits: bigint): number | undefined {
  scratch.setBigUint64(0, bits);
  const value = scratch.getFloat64(0);
  return Number.isFinite(value) ? value : undefined;
}
