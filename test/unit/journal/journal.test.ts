import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectJournal } from '../../../src/journal/inspect.ts';
import type { CommittedBatch } from '../../../src/journal/journal.ts';
import { decodedReadings } from '../../support/decoded-readings.ts';
import type { LookAtTimeService } from '../../../src/ops/time-service.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { countersFrom, openTestJournal, pointDefinition, storedValues } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ALL = { after: 0, upto: Infinity };
const PLENTY = { readings: 100_000, bytes: 10_000_000 };

function values(batches: readonly CommittedBatch[]): unknown[] {
  return batches.flatMap(({ body }) => decodedReadings(body).map(({ value }) => value));
}

test('sequences count every reading from 1, without a hole, whatever is committed together', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  const told: CommittedBatch[] = [];
  journal.onCommit((batch) => told.push(batch));
  const committed = await Promise.all(
    [countersFrom(1, 3), countersFrom(4, 1), countersFrom(5, 6)].map((batch) => journal.append(batch)),
  );
  expect(committed.map(({ first }) => first)).toEqual([1, 4, 5]);
  expect(journal.last).toBe(10);
  expect(told).toEqual(committed);
  expect(values(told)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a listener that was taken away hears nothing any more', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  const told: number[] = [];
  const stop = journal.onCommit(({ first }) => told.push(first));
  await journal.append(countersFrom(1, 1));
  stop();
  await journal.append(countersFrom(2, 1));
  expect(told).toEqual([1]);
});

test('a journal that is opened again has the same epoch and content, and counts on', async () => {
  await using folder = await temporaryFolder();
  const before = await openTestJournal(folder.path);
  await before.append(countersFrom(1, 2_500));
  await before.append(countersFrom(2_501, 10, { class: 'alarm' }));
  const stored = await storedValues(before);
  await before.close();
  await using after = await openTestJournal(folder.path);
  expect(after.epoch).toBe(before.epoch);
  expect(after.epoch).toMatch(/^[0-9a-f]{8}$/);
  expect(after.last).toBe(2_510);
  expect(await storedValues(after)).toEqual(stored);
  expect(stored.size).toBe(2_510);
  expect((await after.append(countersFrom(1, 1))).first).toBe(2_511);
});

test('what comes back from the disk is what was told when it was committed', async () => {
  await using folder = await temporaryFolder();
  const live: CommittedBatch[] = [];
  await using before = await openTestJournal(folder.path);
  before.onCommit((batch) => live.push(batch));
  await before.append(countersFrom(1, 5, { class: 'billing', at: 1_795_000_000_123 }));
  await before.append(countersFrom(6, 2_000));
  await before.close();
  await using after = await openTestJournal(folder.path);
  const { batches } = await after.read(ALL, PLENTY);
  expect(batches.map(({ body, ...rest }) => ({ ...rest, values: values([{ ...rest, body }]) }))).toEqual(
    live.map(({ body, ...rest }) => ({ ...rest, values: values([{ ...rest, body }]) })),
  );
});

test('every opening is a boot with an anchor of its own; anchors that no batch needs are forgotten', async () => {
  await using folder = await temporaryFolder();
  const first = await openTestJournal(folder.path);
  const anchor = await first.anchor(1_795_000_000_000, 'assumed');
  expect(anchor).toEqual({ number: 2, boot: 1, offset: 1_795_000_000_000, state: 'assumed' });
  expect(first.anchors.get(2)).toEqual(anchor);
  await first.append({ ...countersFrom(1, 1), anchor: 2 });
  await first.close();
  await using second = await openTestJournal(folder.path, { trusted: true });
  expect([...second.anchors.values()]).toMatchObject([
    { number: 2, boot: 1 },
    { boot: 2, state: 'synchronised' },
  ]);
});

test('a point keeps its number until its definition changes, and the old meaning stays readable', async () => {
  await using folder = await temporaryFolder();
  const power = pointDefinition('power', { unit: 'W', labels: { city: 'geneva', floor: '1' } });
  const energy = pointDefinition('energy', { class: 'billing' });
  const inKilowatts = { ...power, unit: 'kW' };
  const before = await openTestJournal(folder.path);
  const [one, two] = await before.intern([power, energy]);
  expect(one).not.toBe(two);
  await before.close();
  await using after = await openTestJournal(folder.path);
  const otherwiseOrdered = { ...power, labels: { floor: '1', city: 'geneva' } };
  expect(await after.intern([otherwiseOrdered])).toEqual([one]);
  const [changed] = await after.intern([inKilowatts]);
  expect([one, two]).not.toContain(changed);
  expect(after.points.get(one ?? 0)).toEqual(power);
  expect(after.points.get(changed ?? 0)).toEqual(inKilowatts);
});

test.each(['from memory', 'from the disk'])(
  'a read %s gives whole batches and says what they stand for',
  async (from) => {
    await using folder = await temporaryFolder();
    await using writer = await openTestJournal(folder.path);
    for (const first of [1, 11, 21, 31]) await writer.append(countersFrom(first, 10));
    if (from === 'from the disk') await writer.close();
    await using journal = from === 'from the disk' ? await openTestJournal(folder.path) : writer;
    const read = async (after: number, upto: number, readings = 1_000): Promise<unknown> => {
      const { range, batches } = await journal.read({ after, upto }, { readings, bytes: 1_000_000 });
      return [range.after, range.upto, batches.map(({ first }) => first)];
    };
    expect(await read(0, Infinity)).toEqual([0, 40, [1, 11, 21, 31]]);
    expect(await read(0, 40, 25)).toEqual([0, 20, [1, 11]]);
    expect(await read(0, 40, 1)).toEqual([0, 10, [1]]);
    expect(await read(14, 25)).toEqual([14, 25, [11, 21]]);
    expect(await read(10, 20)).toEqual([10, 20, [11]]);
    expect(await read(40, Infinity)).toEqual([40, 40, []]);
    expect(await read(35, 500)).toEqual([35, 40, [31]]);
  },
);

test('what a destination has acknowledged is not pending after the journal was closed and opened', async () => {
  await using folder = await temporaryFolder();
  const before = await openTestJournal(folder.path);
  expect(await before.destinations(['centre', 'city'])).toEqual([
    { name: 'centre', pending: [{ after: 0, upto: Infinity }], gaps: [] },
    { name: 'city', pending: [{ after: 0, upto: Infinity }], gaps: [] },
  ]);
  await before.append(countersFrom(1, 100));
  before.acknowledged('centre', { after: 0, upto: 10 });
  before.acknowledged('centre', { after: 50, upto: 60 });
  expect((await before.status()).destinations).toEqual([
    { name: 'centre', pending: 80, gaps: 0 },
    { name: 'city', pending: 100, gaps: 0 },
  ]);
  await before.close();
  await using after = await openTestJournal(folder.path);
  const states = await after.destinations(['centre']);
  expect(states).toEqual([
    {
      name: 'centre',
      pending: [
        { after: 10, upto: 50 },
        { after: 60, upto: Infinity },
      ],
      gaps: [],
    },
  ]);
  expect((await after.status()).destinations).toEqual([{ name: 'centre', pending: 80, gaps: 0 }]);
});

const lookAtTimeService: LookAtTimeService = () => Promise.resolve('waiting');

test('a destination that was out of the configuration is told of the clock when it comes again, a new one is not', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { trusted: false, lookAtTimeService });
  const [{ number, offset, state } = { number: 0, offset: 0, state: '' }] = journal.anchors.values();
  expect(state).toBe('estimated');
  await journal.destinations(['away', 'here']);
  await journal.release();
  await journal.append({ ...countersFrom(1, 100), anchor: number });
  await journal.destinations(['here']);
  await journal.anchor(offset + 5_000, 'synchronised');
  expect(await journal.destinations(['away', 'here', 'new'])).toHaveLength(3);
  const told = { range: { after: 0, upto: 100 }, shift: 5_000, clock: 'synchronised' };
  expect(await journal.corrections('here')).toMatchObject([told]);
  expect(await journal.corrections('away')).toMatchObject([told]);
  expect(await journal.corrections('new')).toEqual([]);
});

test('what was acknowledged outlives a crash after five seconds, also when nothing else is committed', async () => {
  await using folder = await temporaryFolder();
  const clock = new FakeClock();
  await using journal = await openTestJournal(join(folder.path, 'journal'), { clock });
  await journal.destinations(['centre']);
  await journal.append(countersFrom(1, 100));
  journal.acknowledged('centre', { after: 0, upto: 40 });
  /** What a crash at this instant would leave. */
  const pendingAfterCrash = async (name: string): Promise<unknown> => {
    await journal.status(); // everything sent before has reached the disk
    const path = join(folder.path, name);
    await cp(join(folder.path, 'journal'), path, { recursive: true });
    return (await inspectJournal(path)).destinations;
  };
  expect(await pendingAfterCrash('at once')).toEqual([{ name: 'centre', pending: 100, gaps: 0 }]);
  await clock.advance(5_000);
  expect(await pendingAfterCrash('later')).toEqual([{ name: 'centre', pending: 60, gaps: 0 }]);
});

test('the status tells what the journal holds', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 5_000_000, age: 86_400_000 } });
  expect(await journal.status()).toMatchObject({ oldest: 1, last: 0, batches: 0, oldestTime: null });
  await journal.append(countersFrom(1, 10, { at: 1_795_000_000_000 }));
  await journal.append(countersFrom(11, 10));
  const status = await journal.status();
  expect(status).toMatchObject({
    path: folder.path,
    epoch: journal.epoch,
    oldest: 1,
    last: 20,
    batches: 2,
    keep: { size: 5_000_000, age: 86_400_000 },
    oldestTime: 1_795_000_000_000,
    destinations: [],
  });
  expect(status.usedBytes).toBeGreaterThan(0);
  expect(status.fileBytes).toBeGreaterThan(0);
});

test('closing commits what is on its way, twice does no harm, and afterwards every call is refused', async () => {
  await using folder = await temporaryFolder();
  const journal = await openTestJournal(folder.path);
  const appended = journal.append(countersFrom(1, 10));
  await Promise.all([journal.close(), journal.close()]);
  await expect(appended).resolves.toMatchObject({ first: 1 });
  await expect(journal.append(countersFrom(11, 1))).rejects.toMatchObject({ code: 'journal-failed' });
  await expect(journal.read(ALL, PLENTY)).rejects.toMatchObject({ code: 'journal-failed' });
  await expect(journal.status()).rejects.toMatchObject({ code: 'journal-failed' });
  await using again = await openTestJournal(folder.path);
  expect(again.last).toBe(10);
});

test('a failure in the worker fails what waits and all that comes after it, and loses nothing committed', async () => {
  await using folder = await temporaryFolder();
  const journal = await openTestJournal(folder.path);
  await journal.append(countersFrom(1, 10));
  const impossible = { ...countersFrom(11, 1), count: NaN };
  const outcomes = await Promise.allSettled([
    journal.append(impossible),
    journal.append(countersFrom(12, 1)),
    journal.status(),
  ]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'journal-failed' } });
  await expect(journal.gaps('centre')).rejects.toMatchObject({ code: 'journal-failed' });
  await expect(journal.close()).rejects.toMatchObject({ code: 'journal-failed' });
  await using again = await openTestJournal(folder.path);
  expect(again.last).toBe(10);
});
