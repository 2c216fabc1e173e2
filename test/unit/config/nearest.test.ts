import { expect, test } from 'vitest';
import { choices, nearest, suggest } from '../../../src/config/nearest.ts';

test.each([
  ['commit', 'commit'],
  ['comit', 'commit'],
  ['commmit', 'commit'],
  ['comimt', 'commit'],
  ['COMMIT', 'commit'],
  ['conmit', 'commit'],
  ['kep', 'keep'],
  ['paths', 'path'],
])('%s was probably meant to be %s', (word, meant) => {
  expect(nearest(word, ['path', 'keep', 'commit'])).toBe(meant);
});

test.each(['', 'x', 'journal', 'p', 'c'.repeat(100_000)])('%.10s is near to nothing', (word) => {
  expect(nearest(word, ['path', 'keep', 'commit'])).toBeUndefined();
});

test('the nearest of several is chosen', () => {
  expect(nearest('uint61', ['int32', 'int64', 'int16', 'uint16'])).toBe('uint16');
});

test('where nothing is near, the choice is shown, of many the nearest', () => {
  expect(suggest('zzz', ['a', 'b'])).toBe('known are a, b');
  expect(suggest('zzz', [])).toBe('');
  const many = Array.from({ length: 99 }, (_, index) => `vendor/model-${index}`);
  expect(suggest('z'.repeat(100_000), many)).toContain('the nearest of 99 are');
  expect(suggest('zzz/49', many)).toMatch(/^the nearest of 99 are vendor\/model-49, (vendor\/model-\d+(, )?){4}$/);
});

test('what there is instead is named; of many the nearest, and how to see the others', () => {
  expect(choices('boilr', [], 'weir device list')).toBe('there are none');
  expect(choices('boilr', ['pump', 'boiler'], 'weir device list')).toBe('there are: pump, boiler');
  const phases = Array.from({ length: 80 }, (_, index) => `meter/voltage-l${index + 1}`);
  const points = [...phases, 'meter/active-power', 'meter/active-power-l1', 'meter/frequency'];
  expect(choices('meter/power', points, 'weir device list --json')).toMatch(
    /^the nearest of 83 are meter\/active-power, meter\/active-power-l1, .*; `weir device list --json` lists them all$/,
  );
  expect(choices('meter/fequency', points, 'weir device list')).toMatch(/^the nearest of 83 are meter\/frequency, /);
  expect(choices('meter/volts', points, 'weir device list').match(/meter/g)).toHaveLength(5);
});
