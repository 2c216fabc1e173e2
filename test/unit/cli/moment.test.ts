import { expect, test } from 'vitest';
import { moment } from '../../../src/cli/moment.ts';

const now = Date.UTC(2026, 10, 30, 12);

test.each([
  ['2h', '2026-11-30T10:00:00.000Z'],
  ['0s', '2026-11-30T12:00:00.000Z'],
  ['30d', '2026-10-31T12:00:00.000Z'],
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
  ['2026-11-30T09:15', '2026-11-30T09:15:00.000Z'],
  ['2026-11-30T09:15:30.250', '2026-11-30T09:15:30.250Z'],
  ['2026-11-30T09:15:30Z', '2026-11-30T09:15:30.000Z'],
  ['2026-11-30T09:15+01:00', '2026-11-30T08:15:00.000Z'],
])('%s is %s', (text, time) => {
  expect(new Date(moment(text)(now)).toISOString()).toBe(time);
});

test.each([
  '',
  '2',
  'yesterday',
  '2026-02-30',
  '2026-02-30T10:00',
  '30.11.2026',
  '12:00',
  '-2h',
  '2026-11-30+01:00',
  '2026-11-30T10:00+99:00',
  '2026-11-30T25:00',
])('"%s" is no time', (text) => {
  expect(() => moment(text)).toThrow('It must be so long ago, like 30m, 2h or 7d, or a time like');
});
