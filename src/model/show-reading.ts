import { isoTime } from './clock.ts';
import { stateName, type PointDefinition } from './point.ts';
import type { Reading, Value } from './reading.ts';
import type { ShownReading } from './status.ts';

/** A reading for people and machines; `offset` turns its monotonic time into wall time. */
export function showReading(reading: Reading, definition: PointDefinition, offset: number): ShownReading {
  const state = stateName(definition.states, reading.value);
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

/** A value as JSON holds it: a bigint, which is beyond what its numbers hold exactly, as text. */
export function jsonValue(value: Value | null): ShownReading['value'] {
  return typeof value === 'bigint' ? value.toString() : value;
}
