import { expect, test } from 'vitest';
import { badReading, type Reading } from '../../../src/model/reading.ts';
import { LatestReadings } from '../../../src/serve/latest.ts';

function good(point: number, value: number): Reading {
  return { point, sourceTime: null, receivedTime: value, quality: 'good', value };
}

test('the newest reading of each point that is served is told once, and none of the others', () => {
  const latest = new LatestReadings();
  latest.keep(1);
  latest.keep(3);
  expect(latest.takeNew()).toEqual([]);
  latest.take([good(1, 5), good(2, 6), good(1, 7), badReading(3, 'no-answer', 8)]);
  expect(latest.takeNew()).toEqual([good(1, 7), badReading(3, 'no-answer', 8)]);
  expect(latest.takeNew()).toEqual([]);
  latest.take([good(1, 9)]);
  expect(latest.takeNew()).toEqual([good(1, 9)]);
});

test('whoever begins anew is told all of them again', () => {
  const latest = new LatestReadings();
  latest.keep(1);
  latest.keep(2);
  latest.take([good(1, 5)]);
  latest.takeNew();
  latest.keep(1);
  latest.beginAnew();
  expect(latest.takeNew()).toEqual([good(1, 5)]);
});

test('what was read later from the memory of a device is not how things are now', () => {
  const latest = new LatestReadings();
  latest.keep(1);
  const kept: Reading = { point: 1, sourceTime: 1, receivedTime: 9, quality: 'good', value: 4, reason: 'historical' };
  latest.take([good(1, 5), kept]);
  expect(latest.takeNew()).toEqual([good(1, 5)]);
});
