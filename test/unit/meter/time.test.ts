import { describe, expect, test } from 'vitest';
import { instantOf, isZone, localZone, parseTimeDigits } from '../../../drivers/meter/time.ts';

const AMSTERDAM = 'Europe/Amsterdam';

function instant(digits: string, zone: string): string | undefined {
  const time = parseTimeDigits(digits);
  const milliseconds = time === undefined ? undefined : instantOf(time, zone);
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

describe('a time of a meter', () => {
  test.each([
    ['170102192002W', AMSTERDAM, '2017-01-02T18:20:02.000Z'],
    ['221006155014S', AMSTERDAM, '2022-10-06T13:50:14.000Z'],
    ['2210061550', AMSTERDAM, '2022-10-06T13:50:00.000Z'],
    ['1703182015', 'UTC', '2017-03-18T20:15:00.000Z'],
    ['170318201500', 'America/New_York', '2017-03-19T00:15:00.000Z'],
    ['170318201500', 'Asia/Kolkata', '2017-03-18T14:45:00.000Z'],
  ])('%s in %s is %s', (digits, zone, expected) => expect(instant(digits, zone)).toBe(expected));

  test('has its mark tell the two hours apart when summer time ends', () => {
    expect(instant('221030023000S', AMSTERDAM)).toBe('2022-10-30T00:30:00.000Z');
    expect(instant('221030023000W', AMSTERDAM)).toBe('2022-10-30T01:30:00.000Z');
    expect(instant('221030023000', AMSTERDAM)).toBe('2022-10-30T00:30:00.000Z');
  });

  test('is believed its mark although its zone has the other time', () => {
    expect(instant('220101120000S', AMSTERDAM)).toBe('2022-01-01T10:00:00.000Z');
    expect(instant('220701120000W', AMSTERDAM)).toBe('2022-07-01T11:00:00.000Z');
  });

  test.each(['000000000000W', '220230120000W', '221306155014S', '220101250000W', '2201', 'yesterday', ''])(
    '%j is none',
    (digits) => expect(instant(digits, AMSTERDAM)).toBeUndefined(),
  );
});

test('zones are those that the system knows', () => {
  expect([AMSTERDAM, 'UTC', localZone()].map(isZone)).toEqual([true, true, true]);
  expect(['Europe/Atlantis', '', 'CEST+2'].map(isZone)).toEqual([false, false, false]);
});
