import { expect, test } from 'vitest';
import { simulatedValue } from '../../../drivers/meter/simulated-values.ts';

const START = Date.UTC(2026, 10, 22) / 1000;
const MINUTES_OF_A_DAY = 24 * 60;

test.each([
  ['power-factor', undefined, 0.9, 1],
  ['power-factor-l2', '1', 0.9, 1],
  ['cos-phi-l1', undefined, 0.9, 1],
  ['phase-angle-l3', 'deg', 0, 30],
  ['wind-direction', 'deg', 0, 360],
  ['thd-current-l1', '%', 0, 5],
  ['voltage-unbalance', '%', 0, 2],
  ['relative-humidity', '%', 0, 100],
  ['voltage-l1', 'V', 207, 253],
  ['voltage-l1-l2', 'V', 360, 440],
  ['voltage-line-average', 'V', 360, 440],
  ['current-neutral', 'A', 0, 2],
  ['active-power', 'kW', 0.5, 5.5],
  ['active-power-l1', 'W', 300, 1_700],
  ['flow-temperature', 'Cel', 60, 70],
  ['return-temperature', 'Cel', 35, 50],
  ['temperature-difference', 'K', 15, 30],
  ['air-temperature', 'Cel', 15, 26],
] as const)('a simulated %s in %s is what a meter shows, all day: from %d to %d', (quantity, unit, least, greatest) => {
  const value = simulatedValue('meter/point', { quantity, unit, kind: 'gauge', scale: 1, offset: 0 });
  const values = Array.from({ length: MINUTES_OF_A_DAY }, (_, minute) => value(START + minute * 60));
  expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...values)).toBeLessThanOrEqual(greatest);
  expect(new Set(values).size).toBeGreaterThan(1);
});
