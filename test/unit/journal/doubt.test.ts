import { expect, test } from 'vitest';
import { doubtedReading } from '../../../src/journal/doubt.ts';

test.each(['synchronised', 'assumed', undefined] as const)(
  'under a clock that is %s a good reading is good',
  (state) => {
    expect(doubtedReading({ quality: 'good' }, state)).toEqual({ quality: 'good' });
  },
);

test.each(['estimated', 'unknown'] as const)(
  'under a clock that is %s a good reading is uncertain for its time',
  (state) => {
    const time = { quality: 'uncertain', reason: 'time' };
    expect(doubtedReading({ quality: 'good' }, state)).toEqual(time);
    const unproven = { reason: 'unverified' } as const;
    expect(doubtedReading({ quality: 'good', ...unproven }, state)).toEqual({ quality: 'uncertain', ...unproven });
  },
);

test('what a device had kept has its own time, and what is worse stays as it is', () => {
  for (const reading of [
    { quality: 'good', reason: 'historical' },
    { quality: 'uncertain', reason: 'out-of-range' },
    { quality: 'bad', reason: 'no-answer' },
  ] as const) {
    expect(doubtedReading(reading, 'estimated')).toBe(reading);
  }
});
