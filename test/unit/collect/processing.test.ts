import { describe, expect, test } from 'vitest';
import { compileProcessing } from '../../../src/collect/processing.ts';
import type { Processing } from '../../../src/config/configuration.ts';
import { badReading, type Reading, type Value } from '../../../src/model/reading.ts';

const nothing: Processing = {
  scale: 1,
  offset: 0,
  invalid: [],
  min: undefined,
  max: undefined,
  deadband: undefined,
  decimals: undefined,
};

const good = (value: Value): Reading => ({ point: 1, sourceTime: null, receivedTime: 5, quality: 'good', value });

const convert = (processing: Partial<Processing>, value: Value): Reading | undefined =>
  compileProcessing({ ...nothing, ...processing }).convert?.(good(value));

test('a point that asks for nothing costs nothing', () => {
  expect(compileProcessing(nothing)).toEqual({ convert: undefined, isNews: undefined });
});

describe('a value is scaled in decimal', () => {
  test.each<[Partial<Processing>, Value, Value]>([
    [{ scale: 0.1 }, 2301, 230.1],
    [{ scale: 0.001 }, -4321, -4.321],
    [{ scale: 0.1, offset: -273.15 }, 2951, 21.95],
    [{ scale: 1000 }, 18446744073709551n, 18446744073709551000n],
    [{ scale: 0.1 }, 9007199254740993n, 900719925474099.3],
    [{ decimals: 1 }, 49.97999954223633, 50],
    [{ scale: 0.1 }, true, true],
    [{ scale: 0.1 }, 'A-12', 'A-12'],
  ])('%o makes %s into %s', (processing, raw, value) => {
    expect(convert(processing, raw)).toMatchObject({ quality: 'good', value });
  });
});

describe("the device's own mark for no value", () => {
  test.each<[(number | string)[], Value]>([
    [[0x7fff], 0x7fff],
    [[0xffffffff], 4294967295],
    [[2 ** 64], 18446744073709551615n], // what YAML makes of 0xFFFFFFFFFFFFFFFF
    [['18446744073709551615'], 18446744073709551615n],
    [['----'], '----'],
  ])('%o turns %s into a bad reading', (invalid, raw) => {
    expect(convert({ invalid, scale: 0.1 }, raw)).toEqual(badReading(1, 'not-available', 5));
  });
});

test('a value outside min..max is kept and marked, on the scaled value', () => {
  const limits = { scale: 0.1, min: 0, max: 100 };
  expect(convert(limits, 1001)).toMatchObject({ quality: 'uncertain', reason: 'out-of-range', value: 100.1 });
  expect(convert(limits, -1)).toMatchObject({ quality: 'uncertain', reason: 'out-of-range', value: -0.1 });
  expect(convert(limits, 1000)).toMatchObject({ quality: 'good', value: 100 });
});

test('a bad reading passes unchanged', () => {
  const bad = badReading(1, 'no-answer', 5);
  expect(compileProcessing({ ...nothing, scale: 0.1, min: 5 }).convert?.(bad)).toBe(bad);
});

test('within the deadband there is no news, and what is not good always is', () => {
  const { isNews } = compileProcessing({ ...nothing, deadband: 0.5 });
  const readings = [good(20), good(20.4), good(20.5), badReading(1, 'no-answer', 6), good(20.5), good(20.6)];
  expect(readings.map((reading) => isNews?.(reading))).toEqual([true, false, true, true, true, false]);
});
