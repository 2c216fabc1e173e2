import { describe, expect, test } from 'vitest';
import { dumpRow, placesFrom } from '../../../../src/cli/device/dump.ts';
import { placeKeys, scaled } from '../../../../src/cli/device/place.ts';
import { tallied, type Observed, type Tally } from '../../../../src/cli/device/tally.ts';
import { typedValue, unscaledText } from '../../../../src/cli/device/value.ts';
import { toyDriver } from '../../../support/toy-driver.ts';

describe('a register dump', () => {
  test('shows a register in the ways of manuals', () => {
    expect(dumpRow({ place: 'holding 100', value: 0x8042 })).toEqual({
      place: 'holding 100',
      hex: '0x8042',
      unsigned: '32834',
      signed: '-32702',
      bits: '1000 0000 0100 0010',
      text: '.B',
    });
  });

  test('a bit is 0 or 1, and what could not be read says why', () => {
    expect(dumpRow({ place: 'coil 3', value: true })).toMatchObject({ unsigned: '1', hex: '' });
    expect(dumpRow({ place: 'holding 1', value: undefined, reason: 'refused' })).toMatchObject({ unsigned: 'refused' });
  });

  test('goes on from its address, in the same writing', () => {
    expect(placesFrom('holding 99', 3)).toEqual(['holding 99', 'holding 100', 'holding 101']);
    expect(placesFrom('input 0x0F', 2)).toEqual(['input 0xf', 'input 0x10']);
    expect(placesFrom('1-0:1.8.0', 2)).toEqual(['1-0:1.8.0', '1-0:1.8.1']);
    expect(placesFrom('ns=2;s=Temperature', 2)).toBeUndefined();
  });
});

describe('a place', () => {
  test('is the first key of the points of its driver, with what is said of it', () => {
    expect(placeKeys(toyDriver, 'holding 100', {})).toEqual({ read: 'holding 100' });
    expect(placeKeys(toyDriver, 'holding 100', { type: 'int16' })).toEqual({ read: 'holding 100', type: 'int16' });
  });

  test('has no order where the driver knows none', () => {
    expect(() => placeKeys(toyDriver, 'holding 100', { order: 'CDAB' })).toThrow(
      '--order: over toy a point has no order',
    );
  });

  test('is scaled exactly, integers beyond 2^53 too, and text not at all', () => {
    const values = [2301, '90071992547409920', 'AB', null].map(
      (value) => scaled({ point: 'p', value, quality: 'good' }, { scale: 0.1 }).value,
    );
    expect(values).toEqual([230.1, 9_007_199_254_740_992, 'AB', null]);
    expect(
      scaled({ point: 'p', value: '1234567890123456', quality: 'good' }, { scale: 2, type: 'string(16)' }).value,
    ).toBe('1234567890123456');
  });
});

describe('a value to be written', () => {
  test('is what was typed, and a bit may be on or off', () => {
    expect(typedValue('18446744073709551615', 'uint64')).toBe('18446744073709551615');
    expect(typedValue('on', 'bool')).toBe(true);
    expect(typedValue('OFF', 'bool')).toBe(false);
    expect(typedValue('1', 'bool')).toBe('1');
    expect(typedValue('on', 'string')).toBe('on');
  });

  test.each([
    ['55', 0.1, '550'],
    ['0.3', 0.1, '3'],
    ['21.7', 0.01, '2170'],
    ['-5', 0.5, '-10'],
    ['1', 3, '0.3333333333333333'],
    ['1844674407370955161.5', 0.1, '18446744073709551615'],
    ['warm', 0.1, 'warm'],
    ['55', undefined, '55'],
  ])('%s at scale %d is the raw value %s', (text, scale, raw) => {
    expect(unscaledText(text, scale)).toBe(raw);
  });
});

test('a tally counts reads, changes and failures, and knows the extremes', () => {
  const seen = [5, 5, 7, null, 6].map((value): Observed => {
    const point = 'holding 100';
    return value === null ? { point, value, quality: 'bad', reason: 'no-answer' } : { point, value, quality: 'good' };
  });
  const tallies: Tally[] = [];
  for (const observed of seen) tallies.push(tallied(tallies.at(-1), observed));
  expect(tallies.map(({ changed }) => changed)).toEqual([false, false, true, true, true]);
  expect(tallies.at(-1)).toMatchObject({ reads: 5, changes: 3, bad: 1, least: 5, greatest: 7 });
});
