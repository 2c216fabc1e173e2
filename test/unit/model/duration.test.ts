import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, parseSize } from '../../../src/model/duration.ts';

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['1s', 1_000],
    ['1.5s', 1_500],
    ['0.25ms', 0],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['0s', 0],
    [' 10 s ', 10_000],
  ])('%j is %i ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  test.each([
    '',
    '10',
    's',
    '-1s',
    '1 hour',
    '1S',
    '1e3s',
    '1,5s',
    '1s2',
    '99999999999999d',
    'constructor',
    '1toString',
  ])('%j is none', (text) => expect(parseDuration(text)).toBeUndefined());

  test.each([
    [0, '0ms'],
    [500, '500ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [60_000, '1m'],
    [86_400_000, '1d'],
    [0.5, '0.5ms'],
  ])('%d ms are written %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe('sizes', () => {
  test.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['1.5MiB', 1_572_864],
    ['2GiB', 2_147_483_648],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['64', '64kb', '64KB', '-1KiB', 'GiB', '1.2345GiB'])('%s is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});
