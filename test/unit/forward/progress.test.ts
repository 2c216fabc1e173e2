import { expect, test } from 'vitest';
import { Progress } from '../../../src/forward/progress.ts';

function delivered(progress: Progress, after: number, upto: number, at: number): void {
  progress.delivered({ covers: { after, upto }, readings: upto - after, at }, at / 100);
}

test('pending shrinks by what is acknowledged, in whatever order', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  delivered(progress, 10, 20, 1);
  delivered(progress, 0, 10, 2);
  expect(progress.pending).toEqual([{ after: 20, upto: Infinity }]);
  expect(progress.count(25)).toBe(5);
  expect(progress.readings).toBe(20);
});

test('what was acknowledged in the last two seconds before a loss is pending again', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  delivered(progress, 0, 10, 1000);
  delivered(progress, 10, 20, 2500);
  delivered(progress, 20, 30, 4500);
  progress.rewind();
  expect(progress.pending).toEqual([{ after: 10, upto: Infinity }]);
  expect(progress.readings).toBe(10);
  progress.rewind();
  expect(progress.pending).toEqual([{ after: 10, upto: Infinity }]);
});

test('the acknowledgement time is the median of recent ones', () => {
  const progress = new Progress([]);
  expect(progress.acknowledgeTime).toBeNull();
  for (let index = 0; index < 200; index += 1) delivered(progress, index, index + 1, index * 100);
  expect(progress.acknowledgeTime).toBe(168);
});
