import { expect, test } from 'vitest';
import type { Journal } from '../../../src/journal/journal.ts';
import { bulky, countersFrom, openTestJournal } from '../../support/journals.ts';
import { expectComplete } from '../../support/ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// What a destination has had once is pending for it once more.

const NOON = 1_900_000_000_000; // wall milliseconds
const MINUTE = 60_000;

/** Batches of ten, of these wall times under the anchor of now; everything acknowledged by `centre`. */
async function delivered(journal: Journal, times: readonly number[]): Promise<void> {
  const anchor = [...journal.anchors.keys()].at(-1) ?? 0;
  for (const at of times) await journal.append({ ...countersFrom(journal.last + 1, 10, { at }), anchor });
  journal.acknowledged('centre', { after: 0, upto: journal.last });
}

const minutes = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => NOON + index * MINUTE);

test('sequences are pending once more, also after the next start, and those to come stay pending', async () => {
  await using folder = await temporaryFolder();
  {
    await using journal = await openTestJournal(folder.path);
    await journal.destinations(['centre', 'city']);
    await delivered(journal, minutes(10));
    expect(await journal.rewind('centre', { ranges: [{ after: 20, upto: 35 }] })).toEqual({
      kept: [{ after: 20, upto: 35 }],
      gone: [],
    });
    journal.acknowledged('centre', { after: 20, upto: 30 });
    await expectComplete(journal, 'centre', [
      { after: 0, upto: 30 },
      { after: 35, upto: 100 },
    ]);
  }
  await using journal = await openTestJournal(folder.path);
  const [centre, city] = await journal.destinations(['centre', 'city']);
  expect(centre?.pending).toEqual([
    { after: 30, upto: 35 },
    { after: 100, upto: Infinity },
  ]);
  expect(city?.pending).toEqual([{ after: 0, upto: Infinity }]);
});

test('what is not written yet cannot be asked for', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.destinations(['centre']);
  await delivered(journal, minutes(2));
  const { kept } = await journal.rewind('centre', { ranges: [{ after: 15, upto: 1_000_000 }] });
  expect(kept).toEqual([{ after: 15, upto: 20 }]);
  expect(await journal.rewind('centre', { ranges: [{ after: 20, upto: 30 }] })).toEqual({ kept: [], gone: [] });
});

test('what retention has taken becomes a gap that says so', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 2 ** 21, age: 1e12 } });
  await journal.destinations(['centre']);
  for (let batch = 0; batch < 400; batch += 1) {
    const { first, count } = await journal.append(bulky());
    journal.acknowledged('centre', { after: first - 1, upto: first - 1 + count });
  }
  const { oldest } = await journal.status();
  expect(oldest).toBeGreaterThan(1000);
  expect(await journal.gaps('centre')).toEqual([]);
  expect(await journal.rewind('centre', { ranges: [{ after: 100, upto: oldest + 99 }] })).toEqual({
    kept: [{ after: oldest - 1, upto: oldest + 99 }],
    gone: [{ after: 100, upto: oldest - 1 }],
  });
  expect(await journal.gaps('centre')).toMatchObject([
    { range: { after: 100, upto: oldest - 1 }, count: oldest - 101, from: null, to: null, reason: 'no-longer-kept' },
  ]);
});

test('times bring the batches of that time, whole and no others', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.destinations(['centre']);
  await delivered(journal, minutes(120));
  const between = async (from: number, to: number) => (await journal.rewind('centre', { from, to })).kept;
  expect(await between(NOON + 30 * MINUTE, NOON + 32 * MINUTE)).toEqual([{ after: 300, upto: 330 }]);
  expect(await between(NOON + 30 * MINUTE + 1, NOON + 32 * MINUTE - 1)).toEqual([{ after: 310, upto: 320 }]);
  expect(await between(0, NOON)).toEqual([{ after: 0, upto: 10 }]);
  expect(await between(NOON + 119 * MINUTE, Infinity)).toEqual([{ after: 1190, upto: 1200 }]);
  expect(await between(0, NOON - 1)).toEqual([]);
  expect(await between(NOON + 120 * MINUTE, Infinity)).toEqual([]);
});

test('times bring what a device had kept until later too', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.destinations(['centre']);
  await delivered(journal, minutes(60));
  const anchor = [...journal.anchors.keys()].at(-1) ?? 0;
  const historic = { from: NOON + 5 * MINUTE, to: NOON + 6 * MINUTE };
  await journal.append({ ...countersFrom(601, 10, { at: NOON + 60 * MINUTE }), anchor, historic });
  await delivered(journal, [NOON + 61 * MINUTE]);
  const between = async (from: number, to: number) => (await journal.rewind('centre', { from, to })).kept;
  expect(await between(NOON + 6 * MINUTE, NOON + 7 * MINUTE)).toEqual([
    { after: 60, upto: 80 },
    { after: 600, upto: 610 },
  ]);
  expect(await between(NOON + 7 * MINUTE, NOON + 8 * MINUTE)).toEqual([{ after: 70, upto: 90 }]);
});

test('after a step of the clock a time may be in two places, and neither is left out', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.destinations(['centre']);
  await delivered(journal, minutes(60));
  await journal.anchor(NOON, 'synchronised');
  await delivered(journal, minutes(60));
  const { kept } = await journal.rewind('centre', { from: NOON + 10 * MINUTE, to: NOON + 11 * MINUTE });
  expect(kept).toEqual([
    { after: 100, upto: 120 },
    { after: 700, upto: 720 },
  ]);
});
