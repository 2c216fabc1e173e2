import { expect, test } from 'vitest';
import { newestGood } from '../../../src/journal/newest.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { openTestJournal, pointDefinition, sealed } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const good = (point: number, receivedTime: number, sourceTime: number | null = null): Reading => ({
  point,
  sourceTime,
  receivedTime,
  quality: 'good',
  value: 1,
});

const bad = (point: number, receivedTime: number): Reading => ({
  point,
  sourceTime: null,
  receivedTime,
  quality: 'bad',
  value: null,
  reason: 'no-answer',
});

test('the newest good reading of each point is found, by its own time where it has one', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern(['a', 'b', 'c', 'd'].map((name) => pointDefinition(name)));
  const offset = journal.anchors.get(1)?.offset ?? 0;
  await journal.append(sealed([good(1, 1_000), good(2, 1_500, 42_000), good(4, 1_600)]));
  await journal.append(sealed([good(1, 2_000), bad(2, 2_500), bad(3, 2_600)]));
  const newest = await newestGood(journal, new Set([1, 2, 3]));
  expect(new Map(newest)).toEqual(
    new Map([
      [1, 2_000 + offset],
      [2, 42_000],
    ]),
  );
});

test('a look back is bounded, and reaches over many batches', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern([pointDefinition('a'), pointDefinition('b')]);
  const offset = journal.anchors.get(1)?.offset ?? 0;
  await journal.append(sealed([good(2, 5)]));
  for (let batch = 0; batch < 30; batch += 1) {
    await journal.append(sealed(Array.from({ length: 1_000 }, (_, index) => good(1, batch * 1_000 + index))));
  }
  const newest = await newestGood(journal, new Set([1, 2]));
  expect(newest.get(1)).toBe(29_999 + offset);
  expect(newest.get(2)).toBe(5 + offset);
  for (let batch = 0; batch < 10; batch += 1) {
    await journal.append(sealed(Array.from({ length: 50_000 }, (_, index) => good(1, 100_000 + index))));
  }
  expect((await newestGood(journal, new Set([2]))).has(2)).toBe(false);
});
