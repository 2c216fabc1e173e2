import { isoTime } from './clock.ts';
import { stateName, type PointDefinition } from './point.ts';
import type { Quality, Reason, Value } from './reading.ts';
import type { ShownReading } from './status.ts';

/** What is shown of a reading, whoever holds it. */
type Facts = {
  readonly sourceTime: number | null;
  readonly receivedTime: number;
  readonly quality: Quality;
  readonly value: Value | null;
  readonly reason?: Reason;
};

/** A reading for people and machines; `offset` turns its received time into wall time. */
export function showReading(reading: Facts, definition: PointDefinition, offset: number): ShownReading {
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
