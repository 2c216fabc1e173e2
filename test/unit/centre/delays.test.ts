import { expect, test } from 'vitest';
import { Delays } from '../../../src/centre/delays.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

test('a percentile is right to within three in a hundred, from a millisecond to a month', () => {
  const random = randomNumbers(3);
  const delays = new Delays();
  const all = Array.from({ length: 5000 }, () => 2 ** (random.below(3100) / 100));
  for (const delay of all) delays.add(delay);
  all.sort((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
    const exact = all[Math.ceil(share * all.length) - 1] ?? 0;
    expect(Math.abs((delays.percentile(share) ?? 0) - exact)).toBeLessThan(0.1 + (exact + 1) * 0.03);
  }
});

test('there is no percentile of nothing, and a delay below zero counts as none', () => {
  const delays = new Delays();
  expect(delays.percentile(0.5)).toBeNull();
  delays.add(-1000);
  expect(delays.percentile(0.5)).toBe(0);
});
