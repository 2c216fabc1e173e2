import { systemClock } from '../../src/model/clock.ts';
import type { PointDefinition, ReadingClass } from '../../src/model/point.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Report } from '../../src/ops/events.ts';
import { decodedReadings } from './decoded-readings.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import type { Journal, SealedBatch } from '../../src/journal/journal.ts';
import { randomNumbers } from './random-numbers.ts';
import { openJournal, type JournalOptions } from '../../src/journal/open.ts';

const DAY = 86_400_000;

const report: Report = () => undefined;

/** A journal with room for whatever a test puts in, unless the test says otherwise. */
export function openTestJournal(path: string, options: Partial<JournalOptions> = {}) {
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

type BatchOptions = { readonly class?: ReadingClass; readonly at?: number };

/** The readings as a batch; `at` is the wall time of all of them. */
export function sealed(readings: readonly Reading[], options: BatchOptions = {}): SealedBatch {
  const at = options.at ?? Date.now();
  for (const one of readings) encoder.add(one);
  const { count } = encoder;
  return { class: options.class ?? 'normal', count, anchor: 1, from: at, to: at, body: encoder.seal() };
}

/** A batch whose values are `from … from + count - 1`. */
export function countersFrom(from: number, count: number, options: BatchOptions = {}): SealedBatch {
  const values = Array.from({ length: count }, (_, index) => from + index);
  return sealed(
    values.map((value) => reading(value)),
    options,
  );
}

/** Sequences of everything stored behind `begin`, each with the value that stands under it. */
export async function storedValues(journal: Journal, begin = 0): Promise<Map<number, unknown>> {
  const values = new Map<number, unknown>();
  for (let after = begin; after < journal.last;) {
    const { range, batches } = await journal.read({ after, upto: Infinity }, { readings: 10_000, bytes: 1_048_576 });
    for (const { first, body } of batches) {
      for (const [index, { value }] of decodedReadings(body).entries()) values.set(first + index, value);
    }
    after = range.upto;
  }
  return values;
}

const random = randomNumbers(7);

/** A batch of 900 readings, about 9 KB that nothing compresses. */
export function bulky(options: BatchOptions = {}): SealedBatch {
  return sealed(
    Array.from({ length: 900 }, () => reading(random.float64())),
    options,
  );
}
