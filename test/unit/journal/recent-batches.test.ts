import { expect, test } from 'vitest';
import { RecentBatches } from '../../../src/journal/recent-batches.ts';
import type { CommittedBatch } from '../../../src/journal/journal.ts';

const PLENTY = { readings: 1_000_000, bytes: 1_000_000 };

/** Ten readings from `first` on, 744 bytes, which the memory counts as 1 000. */
function batch(first: number): CommittedBatch {
  return { first, count: 10, class: 'normal', anchor: 1, from: 0, to: 0, body: new Uint8Array(744) };
}

function filled(bytes: number, batches: number): RecentBatches {
  const recent = new RecentBatches(bytes, 0);
  for (let index = 0; index < batches; index += 1) recent.add(batch(1 + 10 * index));
  return recent;
}

function firsts(recent: RecentBatches, after: number, upto = Infinity): readonly number[] | undefined {
  return recent.read({ after, upto }, 1_000, PLENTY)?.batches.map(({ first }) => first);
}

test('the newest batches are kept, as many as fit; what begins before them is not answered', () => {
  const recent = filled(4_000, 5);
  expect(firsts(recent, 0)).toBeUndefined();
  expect(firsts(recent, 19)).toBeUndefined();
  expect(firsts(recent, 20)).toEqual([21, 31, 41]);
  expect(firsts(recent, 35, 41)).toEqual([31, 41]);
});

test('a journal that was opened again has nothing here before its last sequence', () => {
  const recent = new RecentBatches(4_000, 20);
  expect(firsts(recent, 10)).toBeUndefined();
  recent.add(batch(21));
  expect(firsts(recent, 20)).toEqual([21]);
});

test('what retention took is not answered any more, the others still are', () => {
  const recent = filled(100_000, 5);
  recent.remove([
    { after: 0, upto: 10 },
    { after: 20, upto: 30 },
  ]);
  expect(firsts(recent, 0)).toEqual([11, 31, 41]);
});
