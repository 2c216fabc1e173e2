import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { databasePath } from '../../src/journal/database.ts';
import type { Journal, SealedBatch } from '../../src/journal/journal.ts';
import { createRecorder } from '../../src/journal/recorder.ts';
import { SCHEMA_VERSION } from '../../src/journal/schema.ts';
import { Timekeeper } from '../../src/journal/timekeeper.ts';
import type { EventName } from '../../src/ops/events.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { bulky, openTestJournal, pointDefinition, reading, sealed } from '../support/journals.ts';
import { asVersionOne } from '../support/older-journal.ts';
import { expectComplete } from '../support/ledger.ts';
import { testWith } from '../support/peers.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { smallDisk } from '../support/small-disk.ts';

const MIB = 1_048_576;

/** Ten batches at once: what takes time is to wait for each. */
async function appendTen(journal: Journal): Promise<void> {
  await Promise.all(Array.from({ length: 10 }, () => journal.append(bulky())));
}

const random = randomNumbers(5);

const TOO_MANY = 300_000;

/**
 * More than a full disk can be made to hold by emptying the log, 2.4 MB that nothing compresses; in one batch, for of
 * several those that went before could make room for the next.
 */
function tooMuch(): SealedBatch {
  return sealed(Array.from({ length: TOO_MANY }, () => reading(random.float64())));
}

testWith(
  'root',
  'on a full disk the oldest makes room for the newest, which is told, until there is room again',
  async () => {
    await using disk = await smallDisk(10 * MIB);
    const clock = new FakeClock();
    const events = new Events();
    await using journal = await openTestJournal(join(disk.path, 'journal'), { clock, report: events.report });
    await journal.destinations(['centre']);
    for (let commit = 0; commit < 20; commit += 1) await appendTen(journal);
    await disk.fill();
    for (let batch = 0; batch < 100; batch += 1) await journal.append(bulky());
    expect(journal.last).toBe(300 * 900);
    expect(events.names).toContain('journal-full');
    expect(events.names).not.toContain('journal-recovered');
    await expectComplete(journal, 'centre', []);
    await disk.free();
    await clock.advance(1_000);
    await events.seen('journal-recovered');
    expect(events.names.filter((name) => name === 'journal-full')).toHaveLength(1);
  },
);

testWith(
  'root',
  'the journal of an older release takes its new form on a full disk too, with the room of the reserve',
  async () => {
    await using disk = await smallDisk(10 * MIB);
    const path = join(disk.path, 'journal');
    {
      await using journal = await openTestJournal(path);
      await journal.append(bulky());
    }
    asVersionOne(path);
    await disk.fill();
    const events = new Events();
    await using journal = await openTestJournal(path, { report: events.report });
    await journal.append(bulky());
    expect(journal.last).toBe(2 * 900);
    await events.seen('journal-full');
    const header = await readFile(databasePath(path));
    expect(header.readUInt32BE(60)).toBe(SCHEMA_VERSION); // where an older release looks, before the log
  },
);

testWith('root', 'what a full disk refuses is kept, and committed once there is room', async () => {
  await using disk = await smallDisk(10 * MIB);
  const clock = new FakeClock();
  const events = new Events();
  const path = join(disk.path, 'journal');
  await using journal = await openTestJournal(path, { clock, report: events.report });
  await journal.append(bulky());
  await rm(join(path, 'reserve'));
  await disk.fill();
  const refused = journal.append(tooMuch());
  await events.seen('journal-full');
  await clock.advance(3_000);
  expect((await journal.status()).last).toBe(900);
  expect(journal.last).toBe(900);
  await disk.free();
  await clock.advance(1_000);
  await refused;
  expect(journal.last).toBe(900 + TOO_MANY);
  await events.seen('journal-recovered');
});

testWith('root', 'a clock that steps while the disk is full gets its anchor once there is room', async () => {
  await using disk = await smallDisk(10 * MIB);
  const clock = new FakeClock();
  const events = new Events();
  const path = join(disk.path, 'journal');
  await using journal = await openTestJournal(path, { clock, report: events.report });
  const [point = 0] = await journal.intern([pointDefinition('power')]);
  await journal.append(bulky());
  const time = new Timekeeper(journal, { clock, trusted: true, hold: 0, report: events.report });
  const recorder = createRecorder(journal, { commit: 1_000, clock, time });
  await rm(join(path, 'reserve'));
  await disk.fill();
  const refused = journal.append(tooMuch());
  await events.seen('journal-full');
  const before = journal.anchors.size;
  await recorder.record([{ ...reading(1), point }]);
  clock.stepWall(3_600_000);
  const first = recorder.flush();
  await journal.status(); // the worker has seen the wish for an anchor
  expect(journal.anchors.size).toBe(before);
  await disk.free();
  await clock.advance(1_000);
  await Promise.all([refused, first]);
  await recorder.record([{ ...reading(2), point }]);
  await recorder.flush();
  expect(journal.anchors.size).toBe(before + 1);
  expect(journal.last).toBe(900 + TOO_MANY + 2);
});

/** The events of a journal, as they come. */
class Events {
  readonly names: EventName[] = [];
  #watch: () => void = () => undefined;

  readonly report = (name: EventName): void => {
    this.names.push(name);
    this.#watch();
  };

  seen(name: EventName): Promise<void> {
    return new Promise((resolve) => {
      this.#watch = () => {
        if (this.names.includes(name)) resolve();
      };
      this.#watch();
    });
  }
}
