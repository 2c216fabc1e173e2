import { expect, test } from 'vitest';
import {
  addRange,
  clipRanges,
  commonRanges,
  countRanges,
  holes,
  subtractRange,
  subtractRanges,
  type Range,
  type Ranges,
} from '../../../src/model/ranges.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

// The model that every operation is held against: a set of sequences.
const LAST = 40;

const everySequence = Array.from({ length: LAST }, (_, index) => index + 1);

function sequencesOf(ranges: Ranges): readonly number[] {
  return everySequence.filter((sequence) => ranges.some(({ after, upto }) => after < sequence && sequence <= upto));
}

function expectCanonical(ranges: Ranges): void {
  for (const [index, range] of ranges.entries()) {
    expect(range.after).toBeLessThan(range.upto);
    expect(range.after).toBeGreaterThan(ranges[index - 1]?.upto ?? -1);
  }
}

const random = randomNumbers(7);

function randomRange(): Range {
  const after = random.below(LAST + 1);
  // Empty and reversed ones too: they hold nothing.
  return { after, upto: random.below(10) === 0 ? random.below(LAST + 1) : Math.min(LAST, after + random.below(9)) };
}

test('adding, subtracting, clipping, counting and finding holes do what they would do to a set', () => {
  for (let round = 0; round < 2_000; round += 1) {
    let ranges: Ranges = [];
    let model: readonly number[] = [];
    for (let step = 0; step < 12; step += 1) {
      const range = randomRange();
      const touched = new Set(sequencesOf([range]));
      const adds = random.below(3) > 0;
      ranges = adds ? addRange(ranges, range) : subtractRange(ranges, range);
      const before = new Set(model);
      model = everySequence.filter((sequence) => (touched.has(sequence) ? adds : before.has(sequence)));
      expectCanonical(ranges);
      expect(sequencesOf(ranges)).toEqual(model);
    }
    const window = randomRange();
    const inside = sequencesOf([window]);
    const [clipped, missing] = [clipRanges(ranges, window), holes(ranges, window)];
    expectCanonical(clipped);
    expectCanonical(missing);
    expect(sequencesOf(clipped)).toEqual(inside.filter((sequence) => model.includes(sequence)));
    expect(sequencesOf(missing)).toEqual(inside.filter((sequence) => !model.includes(sequence)));
    expect(countRanges(ranges)).toBe(model.length);
  }
});

function randomRanges(): Ranges {
  return Array.from({ length: random.below(8) }, randomRange).reduce<Ranges>(addRange, []);
}

test('subtracting many ranges, and finding what two lists have in common, do what they would do to sets', () => {
  for (let round = 0; round < 5_000; round += 1) {
    const [ranges, others] = [randomRanges(), randomRanges()];
    const inside = new Set(sequencesOf(others));
    const [rest, common] = [subtractRanges(ranges, others), commonRanges(ranges, others)];
    expectCanonical(rest);
    expectCanonical(common);
    expect(sequencesOf(rest)).toEqual(sequencesOf(ranges).filter((sequence) => !inside.has(sequence)));
    expect(sequencesOf(common)).toEqual(sequencesOf(ranges).filter((sequence) => inside.has(sequence)));
  }
});

test('ranges that touch become one', () => {
  const ranges = addRange(
    [
      { after: 0, upto: 10 },
      { after: 20, upto: 30 },
    ],
    { after: 10, upto: 20 },
  );
  expect(ranges).toEqual([{ after: 0, upto: 30 }]);
});

test('a tail without end can be added, cut and clipped', () => {
  const tail = { after: 100, upto: Infinity };
  const pending = subtractRange(addRange([{ after: 0, upto: 50 }], tail), { after: 120, upto: 130 });
  expect(pending).toEqual([
    { after: 0, upto: 50 },
    { after: 100, upto: 120 },
    { after: 130, upto: Infinity },
  ]);
  expect(clipRanges(pending, { after: 40, upto: 140 })).toEqual([
    { after: 40, upto: 50 },
    { after: 100, upto: 120 },
    { after: 130, upto: 140 },
  ]);
  expect(holes(pending, tail)).toEqual([{ after: 120, upto: 130 }]);
  expect(countRanges(pending)).toBe(Infinity);
});

test('operations leave what they were given as it was', () => {
  const ranges = Object.freeze([Object.freeze({ after: 0, upto: 10 })]);
  addRange(ranges, { after: 5, upto: 20 });
  subtractRange(ranges, { after: 5, upto: 20 });
  expect(ranges).toEqual([{ after: 0, upto: 10 }]);
});
