import { isoTime } from '../model/clock.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Reading, Value } from '../model/reading.ts';
import type { ShownReading } from '../model/status.ts';

/** A reading for people and machines; `offset` turns its monotonic time into wall time. */
export function showReading(reading: Reading, definition: PointDefinition, offset: number): ShownReading {
  const state = definition.states?.[String(reading.value)];
  return {
    point: definition.id,
    time: isoTime(reading.receivedTime + offset),
    ...(reading.sourceTime === null ? {} : { sourceTime: isoTime(reading.sourceTime) }),
    value: jsonValue(reading.value),
    quality: reading.quality,
    ...(reading.reason === undefined ? {} : { reason: reading.reason }),
    ...(definition.unit === undefined ? {} : { unit: definition.unit }),
    ...(state === undefined ? {} : { state }),
  };
}

// A bigint is beyond what JSON's numbers hold exactly.
function jsonValue(value: Value | null): ShownReading['value'] {
  return typeof value === 'bigint' ? value.toString() : value;
}
