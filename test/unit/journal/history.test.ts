import { expect, test } from 'vitest';
import { createEncoder } from '../../../src/journal/encode.ts';
import type { HistoryQuery, Journal } from '../../../src/journal/journal.ts';
import { badReading, type Reading } from '../../../src/model/reading.ts';
import { openTestJournal, pointDefinition } from '../../support/journals.ts';
import { asVersionOne } from '../../support/older-journal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const HOUR = 3_600_000;
const NOON = 1_900_000_000_000; // wall milliseconds

/** A journal whose point 1 and 2 were read once a minute for `hours`, beginning at noon; values count the minutes. */
async function filled(path: string, hours: number) {
  const journal = await openTestJournal(path);
  await journal.intern([pointDefinition('power'), pointDefinition('name', { type: 'string' })]);
  const anchor = await journal.anchor(NOON, 'synchronised');
  await everyMinute(hours * 60, (minute) =>
    append(journal, anchor.number, NOON, [
      { point: 1, sourceTime: null, receivedTime: minute * 60_000, quality: 'good', value: minute },
      { point: 2, sourceTime: null, receivedTime: minute * 60_000, quality: 'good', value: `minute ${minute}` },
    ]),
  );
  return journal;
}

/** All at once, in their order: the journal makes one commit of what waits. */
async function everyMinute(minutes: number, work: (minute: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: minutes }, (_, minute) => work(minute)));
}

async function append(journal: Journal, anchor: number, offset: number, readings: readonly Reading[]): Promise<void> {
  const encoder = createEncoder();
  for (const reading of readings) encoder.add(reading);
  const { oldest, newest, count, historic } = encoder;
  const [from, to] = [oldest + offset, newest + offset];
  await journal.append({ class: 'normal', count, anchor, from, to, historic, body: encoder.seal() });
}

/** All pages of `query`, put together. */
async function all(journal: Journal, query: Partial<HistoryQuery>) {
  const whole = { points: [1], from: 0, to: Infinity, newestFirst: false, most: 1_000, ...query };
  const first = await journal.history(whole);
  const readings = [...first.readings];
  let pages = 1;
  for (let { next } = first; next !== undefined; pages += 1) {
    const page = await journal.history({ ...whole, at: next });
    readings.push(...page.readings);
    next = page.next;
  }
  return { readings, values: readings.map(({ value }) => value), pages };
}

test('the readings of one point between two times, both included, oldest first', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 3);
  const { readings, values } = await all(journal, { from: NOON + HOUR, to: NOON + HOUR + 2 * 60_000 });
  expect(values).toEqual([60, 61, 62]);
  expect(readings[0]).toEqual({
    sequence: 121,
    point: 1,
    sourceTime: null,
    receivedTime: NOON + HOUR,
    quality: 'good',
    value: 60,
  });
  const texts = await all(journal, { points: [2], from: NOON + 179 * 60_000 });
  expect(texts.values).toEqual(['minute 179']);
});

test('the newest come first where that is asked for, and no more than asked for at once', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 2);
  const page = await journal.history({ points: [1], from: 0, to: Infinity, newestFirst: true, most: 3 });
  expect(page.readings.map(({ value }) => value)).toEqual([119, 118, 117]);
  const rest = await all(journal, { newestFirst: true, most: 7, to: NOON + HOUR });
  expect(rest.values).toEqual(Array.from({ length: 61 }, (_, index) => 60 - index));
  expect(rest.pages).toBe(9);
});

test('pages put together are the whole, in either direction', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 2);
  const expected = Array.from({ length: 120 }, (_, index) => index);
  for (const most of [1, 7, 120, 500]) {
    expect((await all(journal, { most })).values).toEqual(expected);
    expect((await all(journal, { most, newestFirst: true })).values).toEqual(expected.toReversed());
  }
});

test('a stretch without readings is empty, and so is a point that was never read', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 1);
  for (const newestFirst of [false, true]) {
    expect((await all(journal, { newestFirst, to: NOON - 1 })).values).toEqual([]);
    expect((await all(journal, { newestFirst, from: NOON + HOUR })).values).toEqual([]);
    expect((await all(journal, { newestFirst, points: [9] })).values).toEqual([]);
  }
});

test('quality, reason, numbers beyond 2^53 and bools come back as they were read', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern([pointDefinition('any')]);
  const { number: anchor } = await journal.anchor(NOON, 'synchronised');
  const good = { point: 1, sourceTime: null, receivedTime: 0, quality: 'good' } as const;
  await append(journal, anchor, NOON, [
    badReading(1, 'no-answer', 0),
    { ...good, value: 18_446_744_073_709_551_615n },
    { ...good, value: false },
    { ...good, quality: 'uncertain', reason: 'out-of-range', value: 230.1 },
  ]);
  const { readings } = await all(journal, {});
  expect(readings.map(({ quality, reason, value }) => [quality, reason, value])).toEqual([
    ['bad', 'no-answer', null],
    ['good', undefined, 18_446_744_073_709_551_615n],
    ['good', undefined, false],
    ['uncertain', 'out-of-range', 230.1],
  ]);
});

test("a device's own time decides where it gave one, a few minutes from ours", async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern([pointDefinition('meter')]);
  const { number: anchor } = await journal.anchor(NOON, 'synchronised');
  await everyMinute(120, (minute) => {
    const receivedTime = minute * 60_000;
    const sourceTime = NOON + receivedTime + 10 * 60_000; // its clock is ten minutes ahead
    return append(journal, anchor, NOON, [{ point: 1, sourceTime, receivedTime, quality: 'good', value: minute }]);
  });
  const { values } = await all(journal, { from: NOON + HOUR, to: NOON + HOUR + 60_000 });
  expect(values).toEqual([50, 51]);
});

test('what comes from a device whose clock is a day off is found by when it was received', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern([pointDefinition('meter')]);
  const { number: anchor } = await journal.anchor(NOON, 'synchronised');
  const sourceTime = NOON - 24 * HOUR;
  await append(journal, anchor, NOON, [{ point: 1, sourceTime, receivedTime: 5, quality: 'good', value: 1 }]);
  expect((await all(journal, { from: NOON, to: NOON + HOUR })).readings).toMatchObject([{ sourceTime, value: 1 }]);
  expect((await all(journal, { from: NOON - 25 * HOUR, to: NOON - 23 * HOUR })).values).toEqual([]);
});

test('a clock that stepped back hides nothing: both stretches are looked through', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 2);
  const earlier = NOON - 24 * HOUR;
  const { number } = await journal.anchor(earlier, 'estimated');
  await everyMinute(60, (minute) =>
    append(journal, number, earlier, [
      { point: 1, sourceTime: null, receivedTime: minute * 60_000, quality: 'good', value: -minute },
    ]),
  );
  const yesterday = { from: earlier + 59 * 60_000, to: earlier + HOUR };
  const today = { from: NOON + 119 * 60_000, to: NOON + 200 * 60_000 };
  for (const newestFirst of [false, true]) {
    expect((await all(journal, { newestFirst, ...yesterday })).values).toEqual([-59]);
    expect((await all(journal, { newestFirst, ...today })).values).toEqual([119]);
  }
  expect((await all(journal, {})).values).toHaveLength(180);
});

test('a page stays bounded when a hundred thousand other readings lie between', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await journal.intern([pointDefinition('rare'), pointDefinition('busy')]);
  const { number: anchor } = await journal.anchor(NOON, 'synchronised');
  const busy = Array.from({ length: 60_000 }, (_, index) => index).map((value): Reading => ({
    point: 2,
    sourceTime: null,
    receivedTime: value,
    quality: 'good',
    value,
  }));
  for (let batch = 0; batch < 4; batch += 1) await append(journal, anchor, NOON, busy);
  await append(journal, anchor, NOON, [
    { point: 1, sourceTime: null, receivedTime: 60_000, quality: 'good', value: 7 },
  ]);
  const page = await journal.history({ points: [1], from: NOON, to: Infinity, newestFirst: false, most: 10 });
  expect(page).toEqual({ readings: [], next: 120_001 });
  expect((await all(journal, { from: NOON })).values).toEqual([7]);
});

test('what a device had kept is found at its own time, wherever in the journal it came in', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path, 12);
  const anchor = [...journal.anchors.values()].at(-1)?.number ?? 0;
  // After twelve hours the third is read back, which then stands behind all the others.
  const kept = Array.from({ length: 60 }, (_, minute): Reading => {
    const sourceTime = NOON + 3 * HOUR + minute * 60_000 + 30_000;
    const reason = 'historical' as const;
    return { point: 1, sourceTime, receivedTime: 12 * HOUR, quality: 'good', reason, value: -minute };
  });
  await append(journal, anchor, NOON, kept);
  await everyMinute(60, (minute) =>
    append(journal, anchor, NOON, [
      { point: 1, sourceTime: null, receivedTime: 12 * HOUR + minute * 60_000, quality: 'good', value: 720 + minute },
    ]),
  );
  const third = { from: NOON + 3 * HOUR, to: NOON + 3 * HOUR + 2 * 60_000 };
  expect((await all(journal, third)).values).toEqual([180, 181, 182, -0, -1]);
  expect((await all(journal, { ...third, most: 2 })).values).toEqual([180, 181, 182, -0, -1]);
  expect((await all(journal, { ...third, newestFirst: true })).values).toEqual([-1, -0, 182, 181, 180]);
  expect((await all(journal, { ...third, newestFirst: true, most: 2 })).values).toEqual([-1, -0, 182, 181, 180]);
  // Nor is it found at the time at which it came.
  const twelfth = { from: NOON + 12 * HOUR, to: NOON + 12 * HOUR + 60_000 };
  expect((await all(journal, twelfth)).values).toEqual([720, 721]);
});

test('in a journal of an older release what a device had kept is found too, though it is not noted where it stands', async () => {
  await using folder = await temporaryFolder();
  {
    await using journal = await filled(folder.path, 3);
    const anchor = [...journal.anchors.values()].at(-1)?.number ?? 0;
    const early: Reading = { point: 1, sourceTime: NOON - HOUR, receivedTime: HOUR, quality: 'good', value: 'early' };
    await append(journal, anchor, NOON, [{ ...early, reason: 'historical' }]);
  }
  asVersionOne(folder.path);
  await using journal = await openTestJournal(folder.path);
  const anchor = await journal.anchor(NOON, 'synchronised');
  const late: Reading = {
    point: 1,
    sourceTime: NOON - HOUR + 1,
    receivedTime: 4 * HOUR,
    quality: 'good',
    value: 'late',
  };
  await append(journal, anchor.number, NOON, [{ ...late, reason: 'historical' }]);
  const span = { from: NOON - HOUR, to: NOON - HOUR + 1 };
  expect((await all(journal, span)).values).toEqual(['early', 'late']);
  expect((await all(journal, { ...span, newestFirst: true, most: 1 })).values).toEqual(['late', 'early']);
  expect((await all(journal, { from: NOON, to: NOON })).values).toEqual([0]);
});
