import { describe, expect, test } from 'vitest';
import { numbers, period, ranges, someOf } from '../../../src/cli/ranges.ts';

describe('a list of addresses', () => {
  const units = ranges(0, 255);

  test.each([
    ['7', [7]],
    ['1-4', [1, 2, 3, 4]],
    ['40,1-3,2', [1, 2, 3, 40]],
    [' 1 - 2 , 255 ', [1, 2, 255]],
  ])('%s is %j', (text, expected) => {
    expect(units(text)).toEqual(expected);
  });

  test.each([
    ['', '"" is none'],
    ['1-', '"1-" is none'],
    ['1,,2', '"" is none'],
    ['5-3', '"5-3" is none'],
    ['256', '"256" is none'],
    ['1-300', '"1-300" is none'],
    ['one', '"one" is none'],
    ['0x10', '"0x10" is none'],
    ['-1', '"-1" is none'],
    ['1.5', '"1.5" is none'],
  ])('%s is refused, with the part that is wrong and what is expected', (text, part) => {
    expect(() => units(text)).toThrow(`It must be whole numbers from 0 to 255, like 1-32,40; ${part}.`);
  });
});

describe('a list of bauds', () => {
  test('keeps its order: the first is tried first', () => {
    expect(numbers(50, 4_000_000)('19200,9600')).toEqual([19_200, 9_600]);
  });

  test.each(['', '9600,', '9600;19200', '49', '1200-9600', 'fast'])('%j is refused', (text) => {
    expect(() => numbers(50, 4_000_000)(text)).toThrow('It must be whole numbers from 50 to 4000000');
  });
});

test('a list of choices keeps its order, and refuses what is none of them', () => {
  const parities = someOf(['none', 'even', 'odd']);
  expect(parities('even, none')).toEqual(['even', 'none']);
  expect(() => parities('even,mark')).toThrow('It must be some of none, even, odd; "mark" is none.');
});

test('a period is a duration within its bounds', () => {
  const every = period('100ms', '1h');
  expect(every('500ms')).toBe(500);
  expect(every('1h')).toBe(3_600_000);
  expect(() => every('5')).toThrow('It must be a duration like 500ms, 10s, 5m, 2h or 30d.');
  expect(() => every('50ms')).toThrow('It must be from 100ms to 1h.');
});
