import { systemClock } from '../../src/model/clock.ts';
import type { PointDefinition, ReadingClass } from '../../src/model/point.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Report } from '../../src/ops/events.ts';
import { decodedReadings } from './decoded-readings.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import type { Journal, SealedBatch } from '../../src/journal/journal.ts';
import { openJournal, type JournalOptions } from '../../src/journal/open.ts';

const DAY = 86_400_000;

/** A journal with room for whatever a test puts in, unless the test says otherwise. */
export function openTestJournal(path: string, options: Partial<JournalOptions> = {}) {
  const report: Report = () => undefined;
  const keep = { size: 1_073_741_824, age: 30 * DAY };
  return openJournal({ path, gateway: 'harbour-07', keep, trusted: true, clock: systemClock, report, ...options });
}

/** The definition of a point `meter/<name>`. */
export function pointDefinition(name: string, options: Partial<PointDefinition> = {}): PointDefinition {
  return {
    id: `meter/${name}`,
    device: 'meter',
    name,
    type: 'float64',
    kind: 'gauge',
    class: 'normal',
    labels: {},
    ...options,
  };
}

/** A good reading of point 1. */
export function reading(value: Reading['value'] & {}, receivedTime = 0): Reading {
  return { point: 1, sourceTime: null, receivedTime, quality: 'good', value };
}

const encoder = createEncoder();

/** Readings whose values are `from … from + count - 1`, sealed; `at` is their wall time. */
export function countersFrom(
  from: number,
  count: number,
  options: { class?: ReadingClass; at?: number } = {},
): SealedBatch {
  const at = options.at ?? Date.now();
  for (let value = from; value < from + count; value += 1) encoder.add(reading(value));
  return { class: options.class ?? 'normal', count, anchor: 1, from: at, to: at, body: encoder.seal() };
}

/** Sequences of everything stored, each with the value that stands under it. */
export async function storedValues(journal: Journal): Promise<Map<number, unknown>> {
  const values = new Map<number, unknown>();
  for (let after = 0; after < journal.last; ) {
    const { range, batches } = await journal.read({ after, upto: Infinity }, { readings: 10_000, bytes: 1_048_576 });
    for (const { first, body } of batches) {
      for (const [index, { value }] of decodedReadings(body).entries()) values.set(first + index, value);
    }
    after = range.upto;
  }
  return values;
}
