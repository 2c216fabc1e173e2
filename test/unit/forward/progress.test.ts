import { expect, test } from 'vitest';
import { Progress } from '../../../src/forward/progress.ts';

function delivered(progress: Progress, after: number, upto: number, milliseconds: number): void {
  progress.delivered({ covers: { after, upto }, readings: upto - after }, milliseconds);
}

test('pending shrinks by what is acknowledged, in whatever order', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  delivered(progress, 10, 20, 1);
  delivered(progress, 0, 10, 2);
  expect(progress.pending).toEqual([{ after: 20, upto: Infinity }]);
  expect(progress.count(25)).toBe(5);
  expect(progress.readings).toBe(20);
});

test('what is revoked is pending again, and was not delivered', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  delivered(progress, 0, 10, 1);
  delivered(progress, 10, 20, 1);
  progress.revoked({ covers: { after: 10, upto: 20 }, readings: 10 });
  expect(progress.pending).toEqual([{ after: 10, upto: Infinity }]);
  expect(progress.readings).toBe(10);
});

test('the acknowledgement time is the median of recent ones', () => {
  const progress = new Progress([]);
  expect(progress.acknowledgeTime).toBeNull();
  for (let index = 0; index < 200; index += 1) delivered(progress, index, index + 1, index);
  expect(progress.acknowledgeTime).toBe(168);
});

test('what an earlier connection acknowledged too is beyond doubt, until it is confirmed', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  const covers = { after: 0, upto: 10 };
  expect(progress.wasAcknowledgedBefore(covers)).toBe(false);
  delivered(progress, 0, 10, 1);
  progress.revoked({ covers, readings: 10 });
  expect(progress.wasAcknowledgedBefore({ after: 2, upto: 8 })).toBe(true);
  expect(progress.wasAcknowledgedBefore({ after: 5, upto: 11 })).toBe(false);
  progress.confirmed(covers);
  expect(progress.wasAcknowledgedBefore(covers)).toBe(false);
});

test('what is asked for once more is pending, and marked until it is delivered; what waits anyway is neither', () => {
  const progress = new Progress([{ after: 100, upto: Infinity }]);
  expect(progress.rewound([{ after: 20, upto: 120 }])).toEqual([{ after: 20, upto: 100 }]);
  expect(progress.pending).toEqual([{ after: 20, upto: Infinity }]);
  progress.delivered({ covers: { after: 20, upto: 70 }, readings: 50 }, 1);
  expect(progress.repeats).toEqual([{ after: 70, upto: 100 }]);
  progress.delivered({ covers: { after: 70, upto: 150 }, readings: 80 }, 1);
  expect(progress.repeats).toEqual([]);
});

test('an acknowledgement does not count for what was asked for once more since', () => {
  const progress = new Progress([{ after: 0, upto: Infinity }]);
  delivered(progress, 0, 100, 1);
  progress.rewound([{ after: 20, upto: 40 }]);
  expect(progress.confirmed({ after: 0, upto: 100 })).toEqual([
    { after: 0, upto: 20 },
    { after: 40, upto: 100 },
  ]);
  delivered(progress, 20, 40, 1);
  expect(progress.confirmed({ after: 20, upto: 40 })).toEqual([{ after: 20, upto: 40 }]);
});
