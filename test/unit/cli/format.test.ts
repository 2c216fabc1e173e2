import { expect, test } from 'vitest';
import { scaling } from '../../../src/model/decimal.ts';
import { count, duration, plural, shortNumber, size, valueText } from '../../../src/cli/format.ts';

test.each([
  [0, '0 ms'],
  [849.6, '850 ms'],
  [1000, '1s'],
  [59_999, '1m'],
  [192_000, '3m12s'],
  [3_600_000, '1h'],
  [7_505_000, '2h5m'],
  [2_692_800_000, '31d4h'],
])('%d ms reads as %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [1536, '1.5 KiB'],
  [2.1 * 2 ** 30, '2.1 GiB'],
  [512 * 2 ** 20, '512 MiB'],
  [5000 * 2 ** 40, '5000 TiB'],
])('%d bytes read as %s', (bytes, text) => expect(size(bytes)).toBe(text));

test.each([
  [7, '7'],
  [1234, '1 234'],
  [1_234_567, '1 234 567'],
])('%d is counted as %s', (amount, text) => expect(count(amount)).toBe(text));

test('one reading, many readings', () => {
  expect([plural(1, 'reading'), plural(2000, 'reading')]).toEqual(['1 reading', '2 000 readings']);
  expect([plural(1, 'entry'), plural(2, 'entry'), plural(2, 'day')]).toEqual(['1 entry', '2 entries', '2 days']);
});

test.each([
  ['kW.h', 'kWh'],
  ['kV.A', 'kVA'],
  ['Cel', '°C'],
  ['deg', '°'],
  ['m3/h', 'm³/h'],
  ['ug/m3', 'µg/m³'],
  ['W/m2', 'W/m²'],
  ['Hz', 'Hz'],
  ['%', '%'],
  ['1', ''],
])('the unit %s is shown as a display does: %s', (unit, symbol) => {
  expect(valueText({ point: 'a/b', time: '', quality: 'good', value: 1, unit })).toBe(`1 ${symbol}`.trimEnd());
});

test.each([
  [Math.fround(230.1), '230.1'],
  [Math.fround(0.001), '0.001'],
  [Math.fround(16_777.217), '16777.217'],
  [230.1, '230.1'],
  [1 / 3, '0.3333333333333333'],
  [Math.fround(1 / 3), '0.33333334'],
  [42, '42'],
  [-0.5, '-0.5'],
  [Math.fround(2.4e-41), '2.4e-41'],
])('%d is shown in as few digits as it needs: %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test.each([
  [0.0224, { scale: 1000, offset: 0 }, '22.4'],
  [22.4, { scale: 0.001, offset: 0 }, '0.0224'],
  [72.32, { scale: 5 / 9, offset: -17.777777777777779 }, '22.4'],
  [-0.7, { scale: -1, offset: 1_000_000 }, '1000000.7'],
  [1 / 3, { scale: 1000, offset: 0 }, '333.33334'],
])('a float32 of %d, %j, is shown as %s, and what has its full digits is not shortened', (raw, scaled, text) => {
  const shown = (held: number): string => shortNumber(Number(scaling(scaled.scale, scaled.offset)(held)), scaled);
  expect(shown(Math.fround(raw))).toBe(text);
  // The same in 64 bits has digits of its own.
  const long = raw + Number.EPSILON * 1e3;
  expect(Number(shown(long))).toBe(Number(scaling(scaled.scale, scaled.offset)(long)));
});

test.each([
  [1_048_575_875, 0.001, '1048575.875'],
  [123_456_725, 0.01, '1234567.25'],
  [67_108_872, 0.1, '6710887.2'],
])('a register of %d times %d shows every digit', (raw, scale, text) => {
  expect(shortNumber(Number(scaling(scale, 0)(raw)), { scale, offset: 0 })).toBe(text);
});

test.each([
  [{ value: 1532.4, unit: 'W' }, '1532.4 W'],
  [{ value: Math.fround(230.1), unit: 'V' }, '230.1 V'],
  [{ value: 0.98, unit: '1' }, '0.98'],
  [{ value: 1, state: 'on' }, 'on (1)'],
  [{ value: null, reason: 'no-answer' }, 'no-answer'],
  [{ value: '18446744073709551615' }, '18446744073709551615'],
  [{ value: false }, 'false'],
  [{ value: 'A1\u001b[2J\r\u009b' }, 'A1\ufffd[2J\ufffd\ufffd'],
] as const)('%j is shown as %s', (reading, text) => {
  expect(valueText({ point: 'a/b', time: '', quality: 'good', ...reading })).toBe(text);
});
