import type { DriverPoint, TimeSpan } from '../../src/collect/driver.ts';
import { decimalOf, multiplyDecimals, numberOf } from '../../src/model/decimal.ts';
import { badReading, type Reading, type Value } from '../../src/model/reading.ts';
import { conversion } from '../../src/model/ucum.ts';
import type { Gathered } from './gathered.ts';
import { typeOf } from './point-type.ts';
import { printRecord } from './record-name.ts';
import type { PointAddress, Points } from './schema.ts';

/** A point's value among all that its meter told. */
export function readingOf(
  { number, address }: DriverPoint<PointAddress>,
  gathered: Gathered,
  receivedTime: number,
): Reading {
  const record = gathered.get(address.record.text);
  if (record === undefined) return badReading(number, 'refused', receivedTime);
  const { value, sourceTime } = record;
  if (value === null) return badReading(number, record.reason ?? 'not-available', receivedTime);
  const wanted = isOfType(value, address) ? inUnit(value, record.unit, address.unit) : undefined;
  if (wanted === undefined) return badReading(number, 'type-mismatch', receivedTime);
  const { doubt: reason } = record;
  const verdict = reason === undefined ? ({ quality: 'good' } as const) : ({ quality: 'uncertain', reason } as const);
  return { point: number, sourceTime, receivedTime, value: wanted, ...verdict };
}

function isOfType(value: Value, address: PointAddress): boolean {
  return (typeof value === 'string') === (typeOf(address) === 'text');
}

/** The value in the unit that it is wanted in; undefined where no decimal number says it. */
function inUnit(value: Value, unit: string | undefined, wanted: string | undefined): Value | undefined {
  // What has no unit, or none that the meter tells, is what the configuration calls it.
  if (wanted === undefined || unit === undefined || wanted === unit) return value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const factor = conversion(unit, wanted);
  if (factor === undefined) return undefined;
  const decimal = typeof value === 'bigint' ? { mantissa: value, places: 0 } : decimalOf(value);
  return numberOf(multiplyDecimals(decimal, factor));
}

/**
 * What the meter stored of the points in `span`, the oldest first: one portion for each moment at which it stored. Of a
 * point it is the record of the same name under another storage number.
 */
export function storedReadings(
  points: Points,
  gathered: Gathered,
  { from, to }: TimeSpan,
  receivedTime: number,
): readonly (readonly Reading[])[] {
  const present = points.filter(
    ({ address: { record } }) => record.function === 'instantaneous' && record.storage === 0,
  );
  const portions = storedMoments(gathered)
    .filter(({ time }) => time > from && time < to)
    .map(({ storage }) => present.flatMap((point) => storedReading(point, storage, gathered, receivedTime)));
  return portions.filter((portion) => portion.length > 0);
}

/** When the meter stored something, and under which number. */
export function storedMoments(gathered: Gathered): readonly { readonly storage: number; readonly time: number }[] {
  const times = new Map<number, number>();
  for (const { key, sourceTime } of gathered.values()) {
    if (key.storage > 0 && sourceTime !== null) times.set(sourceTime, key.storage);
  }
  return [...times].map(([time, storage]) => ({ storage, time })).toSorted((a, b) => a.time - b.time);
}

function storedReading(
  point: DriverPoint<PointAddress>,
  storage: number,
  gathered: Gathered,
  receivedTime: number,
): readonly Reading[] {
  const { address } = point;
  const text = printRecord({ ...address.record, storage });
  if (!gathered.has(text)) return [];
  const reading = readingOf(
    { ...point, address: { ...address, record: { ...address.record, text } } },
    gathered,
    receivedTime,
  );
  return reading.quality === 'good' ? [{ ...reading, reason: 'historical' }] : [];
}
