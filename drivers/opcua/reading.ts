import type { DriverPoint } from '../../src/collect/driver.ts';
import { badReading, type Reading } from '../../src/model/reading.ts';
import { isPlausible } from '../../src/model/source-time.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import { partOf, type EncodedArray } from './part.ts';
import { verdictOn } from './quality.ts';
import type { PointAddress } from './schema.ts';
import { scalarOf, type ValueNames } from './value.ts';

export type Point = DriverPoint<PointAddress>;

// Milliseconds that a server may be ahead of us: one that keeps local time as if it were UTC is by up to 14 hours.
const AHEAD = 86_400_000;

/** A value with its status and its two times (Part 4, 7.11). */
export type DataValue = {
  readonly value: EncodedArray;
  readonly status: number;
  /** Milliseconds since 1970; NaN where there is none. */
  readonly sourceTime: number;
  readonly serverTime: number;
};

/** A data value of the stack. */
export function dataValueOf({ value, statusCode, sourceTimestamp, serverTimestamp }: Library.DataValue): DataValue {
  return {
    value,
    status: statusCode.value,
    sourceTime: sourceTimestamp?.getTime() ?? NaN,
    serverTime: serverTimestamp?.getTime() ?? NaN,
  };
}

/** When an answer came: monotonic milliseconds for the reading, wall milliseconds to judge its times by. */
export type Arrival = { readonly monotonic: number; readonly wall: number };

/** What a data value says of a point: a bad or uncertain one keeps its quality, and is never a zero nor dropped. */
export function readingOf(point: Point, data: DataValue, arrival: Arrival, names?: ValueNames): Reading {
  const { quality, reason } = verdictOn(data.status);
  const sourceTime = timeOf(data, arrival.wall);
  if (quality === 'bad') return bad(point, reason ?? 'device-failure', sourceTime, arrival);
  const part = partOf(data.value, point.address);
  const value = 'unfit' in part ? part : scalarOf(part, point.address.type, names);
  if (typeof value === 'object') return bad(point, value.unfit, sourceTime, arrival);
  const told = reason ?? (hasDoubtfulTime(data, arrival.wall) ? 'time' : undefined);
  const reading = { point: point.number, sourceTime, receivedTime: arrival.monotonic, quality, value };
  return told === undefined ? reading : { ...reading, reason: told };
}

function bad(
  point: Point,
  reason: Parameters<typeof badReading>[1],
  sourceTime: number | null,
  { monotonic }: Arrival,
): Reading {
  return { ...badReading(point.number, reason, monotonic), sourceTime };
}

/** When the value arose, by the clock of its source, or else by that of the server; null where neither can be right. */
function timeOf({ sourceTime, serverTime }: DataValue, now: number): number | null {
  if (isPlausible(sourceTime, now, AHEAD)) return sourceTime;
  return isPlausible(serverTime, now, AHEAD) ? serverTime : null;
}

function hasDoubtfulTime({ sourceTime }: DataValue, now: number): boolean {
  return !Number.isNaN(sourceTime) && !isPlausible(sourceTime, now, AHEAD);
}
