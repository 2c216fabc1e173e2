import { expect, test } from 'vitest';
import { badReading, type Reading } from '../../../src/model/reading.ts';
import { LatestReadings } from '../../../src/serve/latest.ts';

function good(point: number, value: number): Reading {
  return { point, sourceTime: null, receivedTime: value, quality: 'good', value };
}

test('the newest reading of each point that is served is kept, and none of the others', () => {
  const latest = new LatestReadings();
  latest.keep(1);
  latest.keep(3);
  expect(latest.of(1)).toBeUndefined();
  latest.take([good(1, 5), good(2, 6), good(1, 7), badReading(3, 'no-answer', 8)]);
  expect(latest.of(1)).toMatchObject({ value: 7 });
  expect(latest.of(2)).toBeUndefined();
  expect(latest.of(3)).toMatchObject({ quality: 'bad', reason: 'no-answer' });
  latest.keep(1);
  expect(latest.of(1)).toMatchObject({ value: 7 });
});

test('what was read later from the memory of a device is not how things are now', () => {
  const latest = new LatestReadings();
  latest.keep(1);
  const kept: Reading = { point: 1, sourceTime: 1, receivedTime: 9, quality: 'good', value: 4, reason: 'historical' };
  latest.take([good(1, 5), kept]);
  expect(latest.of(1)).toMatchObject({ value: 5 });
});
