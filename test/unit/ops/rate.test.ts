import { expect, test } from 'vitest';
import { Rate } from '../../../src/ops/rate.ts';

test('the rate follows within ten seconds, and falls to nothing when nothing comes', () => {
  const rate = new Rate();
  expect(rate.perSecond(1000)).toBe(0);
  for (let second = 0; second < 3; second += 1) rate.add(second * 1000 + 500, 60);
  expect(rate.perSecond(3000)).toBe(60);
  for (let second = 3; second < 15; second += 1) rate.add(second * 1000, 10);
  expect(rate.perSecond(15_000)).toBe(10);
  expect(rate.perSecond(20_000)).toBe(5);
  expect(rate.perSecond(40_000)).toBe(0);
});

test('a first burst is no rate before its second is over', () => {
  const rate = new Rate();
  rate.add(500, 8_000);
  expect(rate.perSecond(501)).toBe(0);
  expect(rate.perSecond(1_000)).toBe(8_000);
  expect(rate.total).toBe(8_000);
});
