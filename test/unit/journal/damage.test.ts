import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { databasePath, logPath } from '../../../src/journal/database.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { markDamaged, quarantines } from '../../../src/journal/quarantine.ts';
import { salvage, salvagedPath } from '../../../src/journal/salvage/salvage.ts';
import { addRange, countRanges, type Ranges } from '../../../src/model/ranges.ts';
import type { EventName } from '../../../src/ops/events.ts';
import { copyJournal, damages, flipBytes, makeWreck, type Wreck } from '../../support/damage.ts';
import { countersFrom, openTestJournal, storedValues } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const LIMIT = { readings: 10_000, bytes: 1_048_576 };

// Each opens journals four times, and waits for their disk.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let template: { readonly path: string } & AsyncDisposable;
let wreck: Wreck;

beforeAll(async () => {
  template = await temporaryFolder();
  wreck = await makeWreck(template.path);
});

afterAll(() => template[Symbol.asyncDispose]());

/** The wreck in a folder of its own. */
async function wrecked(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const { path, ...scope } = await temporaryFolder();
  await copyJournal(template.path, path);
  return { folder: path, ...scope };
}

/** Opens the journal once, and has it take a reading; returns its epoch and the events told. */
async function openOnce(folder: string): Promise<{ readonly epoch: string; readonly events: readonly EventName[] }> {
  const events: EventName[] = [];
  await using journal = await openTestJournal(folder, { report: (event) => events.push(event) });
  await journal.append(countersFrom(journal.last + 1, 1));
  return { epoch: journal.epoch, events };
}

type Account = { readonly kept: Ranges; readonly lost: Ranges; readonly values: ReadonlyMap<number, unknown> };

/** Salvages the only journal that was set aside in `folder`; what of it waits for `name`, and what that will never get. */
async function salvaged(folder: string, name: string): Promise<Account & { readonly epoch: string }> {
  const [quarantine, ...others] = quarantines(folder);
  expect(others).toEqual([]);
  if (quarantine === undefined) throw new Error('nothing was set aside');
  salvage({ quarantine, destinations: ['centre', 'other'], now: 1_796_000_000_000 });
  await using journal = await openTestJournal(salvagedPath(quarantine), { isSalvaged: true });
  return { epoch: journal.epoch, ...(await accountOf(journal, name)) };
}

async function accountOf(journal: Journal, name: string): Promise<Account> {
  const states = await journal.destinations(['centre', 'other']);
  const { pending = [], gaps = [] } = states.find((state) => state.name === name) ?? {};
  const lost = gaps.map(({ range }) => range).reduce<Ranges>(addRange, []);
  return { kept: pending, lost, values: await storedValues(journal) };
}

/** Each reading has its own counter, and what waits is there. */
function expectTrue({ kept, values }: Account): void {
  for (const [sequence, value] of values) if (value !== sequence) expect.fail(`${sequence} holds ${String(value)}`);
  const waiting = kept.flatMap(({ after, upto }) =>
    Array.from({ length: upto - after }, (_, index) => after + 1 + index),
  );
  expect(waiting.filter((sequence) => !values.has(sequence))).toEqual([]);
}

test.each(Object.keys(damages))(
  '%s: a new epoch begins, and of the old one all is delivered or told as lost',
  async (name) => {
    await using here = await wrecked();
    const { folder } = here;
    await damages[name]?.(folder);
    const { epoch, events } = await openOnce(folder);
    expect(epoch).not.toBe(wreck.epoch);
    expect(events).toEqual(['journal-damaged']);
    const account = await salvaged(folder, 'other');
    expect(account.epoch).toBe(wreck.epoch);
    expectTrue(account);
    const all = [...account.kept, ...account.lost].reduce<Ranges>(addRange, []);
    expect(all).toEqual([{ after: 0, upto: wreck.last }]);
    expect(countRanges(account.kept) + countRanges(account.lost)).toBe(wreck.last);
    expect(await openOnce(folder)).toEqual({ epoch, events: [] });
  },
);

test('what is in the log behind bytes that have turned is salvaged too, though SQLite would not read it', async () => {
  await using here = await wrecked();
  await damages['a byte of its log has turned']?.(here.folder);
  await openOnce(here.folder);
  const { lost } = await salvaged(here.folder, 'other');
  expect(countRanges(lost)).toBeLessThan(2_000); // of the one batch, at most
});

test('where the damaged journal says so, nobody gets what he has acknowledged, and the rest of the log is told as lost', async () => {
  await using here = await wrecked();
  await rm(logPath(here.folder));
  await openOnce(here.folder);
  const { kept, lost } = await salvaged(here.folder, 'centre');
  expect(kept[0]?.after).toBe(743);
  expect(kept.length + lost.length).toBe(2);
  expect(lost).toEqual([{ after: kept[0]?.upto, upto: wreck.last }]);
});

test('bytes that have turned all over the file cost what they are in, and nothing is delivered that was not stored', async () => {
  await using here = await wrecked();
  await flipBytes(databasePath(here.folder), { times: 30, seed: 15 });
  markDamaged(here.folder, 'a page is not what it was');
  const { events } = await openOnce(here.folder);
  expect(events).toEqual(['journal-damaged']);
  const account = await salvaged(here.folder, 'other');
  expectTrue(account);
  expect(countRanges(account.kept)).toBeGreaterThan(wreck.last / 4);
  expect(countRanges(account.kept) + countRanges(account.lost)).toBe(wreck.last);
});

test('a copy of the database of an earlier epoch is not taken for this one: all of this one is told as lost', async () => {
  await using here = await wrecked();
  await rm(logPath(here.folder));
  await using earlier = await temporaryFolder();
  await makeWreck(earlier.path);
  await rename(databasePath(earlier.path), databasePath(here.folder));
  await openOnce(here.folder);
  const { epoch, values, lost } = await salvaged(here.folder, 'other');
  expect(epoch).toBe(wreck.epoch);
  expect(values.size).toBe(0);
  expect(lost).toEqual([{ after: 0, upto: wreck.last }]);
});

test('a journal that is as it was left is not damaged, whatever lies beside it', async () => {
  await using here = await wrecked();
  await writeFile(`${databasePath(here.folder)}-shm`, 'left by another');
  expect(await openOnce(here.folder)).toEqual({ epoch: wreck.epoch, events: [] });
  await rm(join(here.folder, 'watermark'));
  expect(await openOnce(here.folder)).toEqual({ epoch: wreck.epoch, events: [] });
});

test('a power cut in the midst of setting aside is made up for by the next start', async () => {
  await using here = await wrecked();
  await rm(logPath(here.folder));
  const { epoch } = await openOnce(here.folder);
  const [quarantine] = quarantines(here.folder);
  const aside = quarantine?.folder ?? '';
  // The database had been moved, and nothing else.
  for (const name of await readdir(here.folder)) if (name.startsWith('journal.db')) await rm(join(here.folder, name));
  await rename(join(aside, 'watermark'), join(here.folder, 'watermark'));
  await rename(join(aside, 'facts.json'), join(aside, 'facts.new'));
  const again = await openOnce(here.folder);
  expect(again.epoch).not.toBe(epoch);
  expect(again.events).toEqual(['journal-damaged']);
  expect((await salvaged(here.folder, 'other')).epoch).toBe(wreck.epoch);
});

/** Changes the journal in `folder`, which is closed. */
function change(folder: string, statement: string): void {
  const database = new SQLite(databasePath(folder));
  database.exec(statement);
  database.close();
}

test('a batch that the disk has not kept is dropped and told as lost, and all others are read', async () => {
  await using here = await wrecked();
  await openOnce(here.folder);
  change(here.folder, 'UPDATE batch SET crc = crc + 1 WHERE first = 4');
  await using journal = await openTestJournal(here.folder);
  await journal.destinations(['centre', 'other']);
  const values = await storedValues(journal);
  expect(values.size).toBe(wreck.last + 1 - 700);
  expect(await journal.gaps('other')).toMatchObject([
    { range: { after: 3, upto: 703 }, count: 700, reason: 'damaged' },
  ]);
  expect(await journal.gaps('centre')).toEqual([]); // it had them
});

test('the newest batch cannot be dropped: the journal is given up, and salvaged', async () => {
  await using here = await wrecked();
  change(here.folder, 'UPDATE batch SET crc = crc + 1 WHERE first = (SELECT max(first) FROM batch)');
  await using journal = await openTestJournal(here.folder);
  const whole = storedValues(journal);
  await expect(whole).rejects.toMatchObject({ code: 'journal-corrupt' });
  await expect(journal.append(countersFrom(1, 1))).rejects.toMatchObject({ code: 'journal-corrupt' });
});

test('a batch that is not where it should be is damage, and no sequence that retention took', async () => {
  await using here = await wrecked();
  change(here.folder, 'DELETE FROM batch WHERE first = 4');
  await using journal = await openTestJournal(here.folder);
  await expect(journal.read({ after: 0, upto: 1_000 }, LIMIT)).rejects.toMatchObject({
    code: 'journal-corrupt',
    message: 'the journal is damaged: sequences 4..703 are not where they should be',
  });
});
