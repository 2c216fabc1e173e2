import { expect, test } from 'vitest';
import type { EventName } from '../../../src/ops/events.ts';
import type { ReadingClass } from '../../../src/model/point.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { bulky, countersFrom, openTestJournal, storedValues } from '../../support/journals.ts';
import { expectComplete } from '../../support/ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MIB = 1_048_576;
const MINUTE = 60_000;
const DAY = 86_400_000;
test('what is acknowledged goes first, and nobody is told of it', async () => {
  await using folder = await temporaryFolder();
  const events: EventName[] = [];
  await using journal = await openTestJournal(folder.path, {
    keep: { size: 3 * MIB, age: DAY },
    report: (event) => events.push(event),
  });
  await journal.destinations(['centre']);
  for (let batch = 0; batch < 600; batch += 1) {
    const { first, count } = await journal.append(bulky());
    journal.acknowledged('centre', { after: first - 1, upto: first - 1 + count });
  }
  const status = await journal.status();
  expect(status.usedBytes).toBeLessThan(3 * MIB + 0.2 * MIB);
  expect(status.fileBytes).toBeLessThan(5 * MIB);
  expect(status.oldest).toBeGreaterThan(1);
  expect(status.batches).toBeGreaterThan(50);
  expect(events).toEqual([]);
  expect(await journal.gaps('centre')).toEqual([]);
});

test('what a destination has not got is dropped oldest first when there is no more room, and becomes one gap', async () => {
  await using folder = await temporaryFolder();
  const events: unknown[] = [];
  await using journal = await openTestJournal(folder.path, {
    keep: { size: 3 * MIB, age: DAY },
    report: (event, fields) => events.push([event, fields['destination'], fields['reason']]),
  });
  const told: string[] = [];
  journal.onGap((destination) => told.push(destination));
  await journal.destinations(['dead', 'live']);
  for (let batch = 0; batch < 500; batch += 1) {
    const { first } = await journal.append(bulky({ at: 1_795_000_000_000 + batch }));
    journal.acknowledged('live', { after: first - 1, upto: first + 899 });
  }
  const { oldest, usedBytes } = await journal.status();
  expect(usedBytes).toBeLessThan(3 * MIB + 0.2 * MIB);
  expect(await journal.gaps('dead')).toEqual([
    {
      number: expect.any(Number),
      destination: 'dead',
      range: { after: 0, upto: oldest - 1 },
      count: oldest - 1,
      from: 1_795_000_000_000,
      to: 1_795_000_000_000 + (oldest - 1) / 900 - 1,
      reason: 'size',
      at: expect.any(Number),
    },
  ]);
  expect(await journal.gaps('live')).toEqual([]);
  expect(told).toEqual(['dead']);
  expect(events).toEqual([['gap-written', 'dead', 'size']]);
  await expectComplete(journal, 'dead', []);
});

test('a gap record that was given out never changes: what is lost afterwards is a new one', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 2 * MIB, age: DAY } });
  await journal.destinations(['centre']);
  for (let batch = 0; batch < 250; batch += 1) await journal.append(bulky());
  const [given] = await journal.gaps('centre');
  for (let batch = 0; batch < 100; batch += 1) await journal.append(bulky());
  const gaps = await journal.gaps('centre');
  expect(gaps).toHaveLength(2);
  expect(gaps[0]).toEqual(given);
  expect(gaps[1]?.range.after).toBe(given?.range.upto);
  journal.announced('centre', given?.number ?? 0);
  expect(await journal.gaps('centre')).toEqual([gaps[1]]);
});

test('what was announced is not announced again after a restart, the rest is', async () => {
  await using folder = await temporaryFolder();
  const keep = { size: 2 * MIB, age: DAY };
  const before = await openTestJournal(folder.path, { keep });
  await before.destinations(['one', 'other']);
  for (let batch = 0; batch < 250; batch += 1) await before.append(bulky());
  const [told] = await before.gaps('one');
  const untold = await before.gaps('other');
  before.announced('one', told?.number ?? 0);
  await before.close();
  await using after = await openTestJournal(folder.path, { keep });
  expect((await after.destinations(['one', 'other'])).map(({ gaps }) => gaps)).toEqual([[], untold]);
});

test('the lowest class goes first: bulk, normal, billing, and alarms last', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 3 * MIB, age: DAY } });
  await journal.destinations(['centre']);
  const classOf = new Map<number, ReadingClass>();
  const classes: ReadingClass[] = ['alarm', 'billing', 'normal', 'bulk'];
  const survivors = async (): Promise<Record<string, number>> => {
    const stored = await storedValues(journal);
    const kept = [...classOf].filter(([first]) => stored.has(first)).map(([, name]) => name);
    return Object.fromEntries(classes.map((name) => [name, kept.filter((one) => one === name).length]));
  };
  const append = async (name: ReadingClass): Promise<void> => {
    const { first } = await journal.append(bulky({ class: name }));
    classOf.set(first, name);
  };
  for (let batch = 0; batch < 60; batch += 1) for (const name of classes) await append(name);
  expect(await survivors()).toMatchObject({ alarm: 60, billing: 60, normal: 60 });
  for (let batch = 0; batch < 100; batch += 1) await append('alarm');
  expect(await survivors()).toMatchObject({ alarm: 160, bulk: 0 });
  await expectComplete(journal, 'centre', []);
});

test('a batch that was acknowledged in part leaves a gap for the other part only', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 2 * MIB, age: DAY } });
  await journal.destinations(['centre']);
  await journal.append(bulky());
  journal.acknowledged('centre', { after: 100, upto: 300 });
  for (let batch = 0; batch < 250; batch += 1) await journal.append(bulky());
  const [first] = await journal.gaps('centre');
  expect(first).toMatchObject({ range: { after: 0, upto: 100 }, count: 100 });
  await expectComplete(journal, 'centre', [{ after: 100, upto: 300 }]);
});

test('what is older than it may be goes, acknowledged or not, but never the newest', async () => {
  await using folder = await temporaryFolder();
  const clock = new FakeClock();
  const start = clock.wall();
  await using journal = await openTestJournal(folder.path, { clock, keep: { size: 100 * MIB, age: 5 * MINUTE } });
  await journal.destinations(['centre']);
  await journal.append(countersFrom(1, 10, { at: start }));
  await journal.append(countersFrom(11, 10, { at: start + 2 * MINUTE }));
  const told = new Promise((resolve) => journal.onGap(resolve));
  await clock.advance(6 * MINUTE);
  await told;
  expect(await journal.gaps('centre')).toMatchObject([{ range: { after: 0, upto: 10 }, reason: 'age', from: start }]);
  await clock.advance(3 * MINUTE);
  expect(await journal.status()).toMatchObject({ oldest: 11, last: 20, batches: 1 });
});

test('age counts for nothing while the clock is only estimated', async () => {
  await using folder = await temporaryFolder();
  const clock = new FakeClock();
  await using journal = await openTestJournal(folder.path, { clock, keep: { size: 100 * MIB, age: DAY } });
  for (const first of [1, 11]) await journal.append(countersFrom(first, 10, { at: clock.wall() }));
  await journal.anchor(clock.wall(), 'estimated');
  clock.stepWall(10 * 365 * DAY);
  await clock.advance(60_000);
  expect(await journal.status()).toMatchObject({ oldest: 1, batches: 2 });
});

test('a new destination gets everything that is stored; what is gone before is its first gap', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 2 * MIB, age: DAY } });
  for (let batch = 0; batch < 250; batch += 1) await journal.append(bulky());
  const { oldest } = await journal.status();
  expect(oldest).toBeGreaterThan(1);
  expect(await journal.destinations(['late'])).toMatchObject([
    {
      pending: [{ after: oldest - 1, upto: Infinity }],
      gaps: [{ range: { after: 0, upto: oldest - 1 }, count: oldest - 1, from: null, reason: 'before-destination' }],
    },
  ]);
});

test('a destination that is out of the configuration holds nothing back, and is told when it comes again', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 2 * MIB, age: DAY } });
  await journal.destinations(['away', 'here']);
  await journal.append(bulky());
  journal.acknowledged('away', { after: 0, upto: 500 });
  await journal.destinations(['here']);
  for (let batch = 0; batch < 250; batch += 1) {
    const { first } = await journal.append(bulky());
    journal.acknowledged('here', { after: 0, upto: first + 899 });
  }
  expect(await journal.gaps('away')).toEqual([]);
  const { oldest } = await journal.status();
  const [away] = await journal.destinations(['away', 'here']);
  expect(away).toMatchObject({ gaps: [{ range: { after: 500, upto: oldest - 1 }, reason: 'before-destination' }] });
  await expectComplete(journal, 'away', [{ after: 0, upto: 500 }]);
});

test('with a smaller size the file gets smaller, too', async () => {
  await using folder = await temporaryFolder();
  const before = await openTestJournal(folder.path);
  for (let batch = 0; batch < 800; batch += 1) await before.append(bulky());
  const { fileBytes } = await before.status();
  await before.close();
  const clock = new FakeClock();
  await using after = await openTestJournal(folder.path, { clock, keep: { size: 3 * MIB, age: 365 * DAY } });
  expect(fileBytes).toBeGreaterThan(7 * MIB);
  await expect.poll(async () => (await after.status()).fileBytes).toBeLessThan(6 * MIB);
});
