import { expect, test } from 'vitest';
import type { CommittedBatch, Journal } from '../../../src/journal/journal.ts';
import { createRecorder } from '../../../src/journal/recorder.ts';
import { Timekeeper } from '../../../src/journal/timekeeper.ts';
import type { PointNumber, Reading } from '../../../src/model/reading.ts';
import { badReading } from '../../../src/model/reading.ts';
import { decodedReadings } from '../../support/decoded-readings.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openTestJournal, pointDefinition } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A journal with a recorder that commits after a second, a point of each class, and what was committed. */
async function recording(folder: string) {
  const clock = new FakeClock({ monotonic: 5_000 });
  const events: unknown[] = [];
  const report = (event: string, fields: object): void => void events.push([event, fields]);
  const journal = await openTestJournal(folder, { clock, report });
  const numbers = await journal.intern([
    pointDefinition('door', { class: 'alarm' }),
    pointDefinition('energy', { class: 'billing' }),
    pointDefinition('power'),
  ]);
  const [door = 0, energy = 0, power = 0] = numbers;
  const committed: CommittedBatch[] = [];
  journal.onCommit((batch) => committed.push(batch));
  const time = new Timekeeper(journal, { clock, trusted: true, hold: 0, report });
  const recorder = createRecorder(journal, { commit: 1_000, clock, time });
  return {
    clock,
    events,
    journal,
    recorder,
    committed,
    door,
    energy,
    power,
    [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
  };
}

function good(point: PointNumber, value: number | string, receivedTime: number): Reading {
  return { point, sourceTime: null, receivedTime, quality: 'good', value };
}

/** Resolves when the next batch is committed. */
function nextCommit(journal: Journal): Promise<CommittedBatch> {
  return new Promise((resolve) => {
    const stop = journal.onCommit((batch) => {
      stop();
      resolve(batch);
    });
  });
}

test('the first readings of a start do not wait for a whole commit time', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const { clock, journal, recorder, power } = all;
  const batch = nextCommit(journal);
  await recorder.record([good(power, 1, 5_000)]);
  await clock.advance(100);
  expect(await batch).toMatchObject({ count: 1, first: 1 });
});

test('readings wait for others, but none longer than the commit time', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const { clock, journal, recorder, power } = all;
  await recorder.flush(); // what comes first after a start is in more of a hurry
  const batch = nextCommit(journal);
  expect(recorder.record([good(power, 1, 5_000.4)])).toBeUndefined();
  await clock.advance(600);
  await recorder.record([good(power, 2, 5_600)]);
  await clock.advance(399);
  expect(all.committed).toEqual([]);
  await clock.advance(1);
  const { body, ...committed } = await batch;
  const offset = clock.wall() - clock.monotonic();
  expect(committed).toEqual({
    class: 'normal',
    count: 2,
    first: 1,
    anchor: 1,
    from: 5_000 + offset,
    to: 5_600 + offset,
  });
  expect(decodedReadings(body)).toEqual([good(power, 1, 5_000), good(power, 2, 5_600)]);
});

test('an alarm is committed at once, the others stay', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const { journal, recorder, door, power } = all;
  const batch = nextCommit(journal);
  await recorder.record([good(power, 1, 5_000), good(door, 1, 5_000)]);
  expect(await batch).toMatchObject({ class: 'alarm', count: 1 });
  await recorder.flush();
  expect(all.committed.map(({ class: name }) => name)).toEqual(['alarm', 'normal']);
});

test('each class has its own batches, and a bad reading is a reading', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  await all.recorder.record([
    good(all.power, 1, 5_000),
    good(all.energy, 2, 5_000),
    badReading(all.power, 'no-answer', 5_001),
  ]);
  await all.recorder.flush();
  expect(all.committed.map((batch) => [batch.class, batch.count])).toEqual([
    ['normal', 2],
    ['billing', 1],
  ]);
  expect(decodedReadings(all.committed[0]?.body ?? new Uint8Array())[1]).toEqual(
    badReading(all.power, 'no-answer', 5_001),
  );
});

test('a full batch does not wait for the time', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const byCount = nextCommit(all.journal);
  await all.recorder.record(Array.from({ length: 4_001 }, (_, index) => good(all.power, index, 5_000)));
  expect((await byCount).count).toBe(4_000);
  const byBytes = nextCommit(all.journal);
  await all.recorder.record(Array.from({ length: 70 }, () => good(all.power, 'x'.repeat(1_000), 5_000)));
  expect((await byBytes).body.length).toBeLessThan(68_000);
});

test('a clock that steps is told, and what comes after it has an anchor of its own', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const { clock, recorder, journal, power, energy } = all;
  await recorder.record([good(power, 1, 5_000), good(energy, 1, 5_000)]);
  clock.stepWall(200);
  await recorder.flush();
  expect(all.events).toEqual([]);
  await recorder.record([good(power, 2, 5_000), good(energy, 2, 5_000)]);
  clock.stepWall(-3_600_000);
  await recorder.flush();
  await recorder.record([good(power, 3, 5_000)]);
  await recorder.flush();
  expect(all.committed.map(({ anchor }) => anchor)).toEqual([1, 1, 1, 1, 2]);
  expect(all.events).toEqual([['clock-stepped', { milliseconds: -3_599_800 }]]);
  expect(journal.anchors.get(2)).toMatchObject({
    offset: clock.wall() - clock.monotonic(),
    boot: 1,
    state: 'synchronised',
  });
});

test('when too much waits for the journal the caller waits, until it has got on', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  const large = [good(all.power, 'x'.repeat(60_000), 5_000), good(all.power, 'y'.repeat(60_000), 5_000)];
  let held: Promise<void> | undefined;
  for (let round = 0; held === undefined && round < 1_000; round += 1) held = all.recorder.record(large);
  expect(held).toBeInstanceOf(Promise);
  const before = all.journal.last;
  await held;
  expect(all.journal.last).toBeGreaterThan(before);
  expect(all.recorder.record([good(all.power, 1, 5_000)])).toBeUndefined();
  await all.recorder.flush();
});

test('a journal that failed is told by the next record and by flush', async () => {
  await using folder = await temporaryFolder();
  await using all = await recording(folder.path);
  await all.recorder.record([good(all.power, 1, 5_000)]);
  await all.journal.close();
  await expect(all.recorder.flush()).rejects.toMatchObject({ code: 'journal-failed' });
  await expect(all.recorder.record([good(all.power, 2, 5_000)])).rejects.toMatchObject({ code: 'journal-failed' });
});
