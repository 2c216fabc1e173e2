import { describe, expect, test } from 'vitest';
import { plausibilities, plausibility } from '../../../../src/cli/device/plausible.ts';

describe('what is marked as likely', () => {
  test.each([
    ['float32 ABCD', 230.1, 'like a voltage of 230 V'],
    ['float32 CDAB', 49.98, 'like a frequency of 50 Hz'],
    ['float64 ABCD', 401.2, 'like a voltage of 400 V'],
    ['uint16', 2301, 'like a voltage of 230 V at scale 0.1'],
    ['uint16', 231, 'like a voltage of 230 V'],
    ['int16', 4998, 'like a frequency of 50 Hz at scale 0.01'],
    ['int32 CDAB', 2301, 'like a voltage of 230 V at scale 0.1'],
    ['string(16)', 'SDM630-Modbus V2', 'readable text'],
    ['string(8)', 'ABB\0\0\0\0\0', 'readable text'],
  ])('%s %s', (name, value, why) => {
    expect(plausibility(name, value)).toEqual({ strength: 'likely', why });
  });
});

describe('what is marked as possible', () => {
  test.each([
    ['float32 ABCD', 1234.5],
    ['float32 ABCD', -0.87],
    ['uint32 ABCD', 1_234_567],
    ['int64 GHEFCDAB', -250_001],
    ['bcd32 ABCD', 12_345_678],
  ])('%s %s', (name, value) => {
    expect(plausibility(name, value)).toEqual({ strength: 'possible', why: 'a usual size' });
  });
});

describe('what is not marked', () => {
  test.each([
    ['nothing at all', 'float32 ABCD', 0],
    ['a float in the wrong order', 'float32 DCBA', 2.4e-41],
    ['a float beyond all counters', 'float32 BADC', 7.1e22],
    ['words in the wrong order', 'uint32 CDAB', 2301 * 65_536],
    ['a 64-bit integer in the wrong order', 'uint64 ABCD', '648518346341351424'],
    ['all bits set', 'int32 ABCD', -1],
    ['any number of sixteen bits', 'uint16', 12_345],
    ['bytes that are no letters', 'string(4)', '\u0001\u0002C'],
    ['too few letters', 'string(2)', 'Cf'],
    ['mostly punctuation', 'string(8)', 'a.;:!-+b'],
    ['a bit', 'bool', true],
    ['what could not be read', 'float32 ABCD', null],
  ])('%s', (_what, name, value) => {
    expect(plausibility(name, value)).toBeUndefined();
  });
});

test('of all orders of a voltage of 230.1 V only the right one is likely', () => {
  const right = Buffer.alloc(4);
  right.writeFloatBE(230.1);
  const orders = { ABCD: [0, 1, 2, 3], CDAB: [2, 3, 0, 1], BADC: [1, 0, 3, 2], DCBA: [3, 2, 1, 0] };
  const likely = Object.entries(orders).filter(([, places]) => {
    const value = Buffer.from(places.map((place) => right[place] ?? 0)).readFloatBE();
    return plausibility('float32 ABCD', value)?.strength === 'likely';
  });
  expect(likely.map(([order]) => order)).toEqual(['ABCD']);
});

test('packed digits are never more than possible: a word of decimal digits alone is common', () => {
  expect(plausibility('bcd16', 1_201)).toEqual({ strength: 'possible', why: 'like a voltage of 120 V at scale 0.1' });
});

test('a number that is the same with and without a sign is marked once', () => {
  const found = plausibilities([
    { point: 'int16 ABCD', value: 2301 },
    { point: 'uint16 ABCD', value: 2301 },
    { point: 'int32 ABCD', value: -230 },
    { point: 'string(16)', value: null },
  ]);
  expect([...found].filter(([, { strength }]) => strength === 'likely').map(([point]) => point)).toEqual([
    'uint16 ABCD',
  ]);
  expect(found.get('int16 ABCD')).toEqual({ strength: 'possible', why: 'the same as uint16 ABCD' });
});
