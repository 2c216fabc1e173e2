import { cp, mkdir, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databasePath, logPath } from '../../src/journal/database.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { countersFrom, openTestJournal, pointDefinition } from './journals.ts';
import { randomNumbers } from './random-numbers.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a process that was killed, or a host without power, leaves of a journal; made of what was not damaged. */
export type Wreck = {
  readonly epoch: string;
  readonly last: number;
};

// Some fill a page, some several, and some are compressed.
const COUNTS = [3, 700, 40, 1_200, 500, 9];
const COMMITS = 6;

/**
 * Makes in `folder` what is left of a journal of counters, each the value of its own sequence, whose process was killed:
 * part of it is in the log alone. The destination `centre` has acknowledged the first 743; `other` nothing.
 */
export async function makeWreck(folder: string): Promise<Wreck> {
  await using living = await temporaryFolder();
  {
    await using journal = await openTestJournal(living.path);
    await journal.intern([pointDefinition('power')]);
    await journal.destinations(['centre', 'other']);
    for (let commit = 0; commit < COMMITS; commit += 1) await commitSome(journal);
    journal.acknowledged('centre', { after: 0, upto: 743 });
  }
  await using journal = await openTestJournal(living.path);
  for (let commit = 0; commit < COMMITS; commit += 1) await commitSome(journal);
  await copyJournal(living.path, folder);
  return { epoch: journal.epoch, last: journal.last };
}

async function commitSome(journal: Journal): Promise<void> {
  let next = journal.last + 1;
  const batches = COUNTS.map((count) => {
    next += count;
    return countersFrom(next - count, count);
  });
  await Promise.all(batches.map((batch) => journal.append(batch)));
}

/** Copies the files that are the journal in `from`, as they are at this moment. */
export async function copyJournal(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from)) {
    if (name.startsWith('journal.db') || name === 'watermark') await cp(join(from, name), join(to, name));
  }
}

const random = randomNumbers(15);

function noise(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
}

async function size(path: string): Promise<number> {
  return (await stat(path)).size;
}

const PAGE = 4_096;
/** Where the third frame of a log ends; what is far behind may be left of an earlier one. */
const FIRST_FRAMES = 32 + 3 * (24 + PAGE);

/** Turns bits at `times` places behind the header and the page of the schema; the same ones for the same seed. */
export async function flipBytes(path: string, { times, seed }: { times: number; seed: number }): Promise<void> {
  const places = randomNumbers(seed);
  const end = await size(path);
  for (let time = 0; time < times; time += 1) {
    await overwrite(path, PAGE + places.below(end - PAGE), noise(1));
  }
}

/** What may happen to the files of a journal that shows as soon as it is opened. */
export const damages: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  'its header is zero': (folder) => overwrite(databasePath(folder), 0, new Uint8Array(100)),
  'its header is noise': (folder) => overwrite(databasePath(folder), 0, noise(100)),
  'its first page is zero': (folder) => overwrite(databasePath(folder), 0, new Uint8Array(PAGE)),
  'its schema is noise, and its log is gone': async (folder) => {
    await rm(logPath(folder));
    await overwrite(databasePath(folder), 100, noise(PAGE - 100));
  },
  'it is garbage': (folder) => writeFile(databasePath(folder), noise(50_000)),
  'it is a text': (folder) => writeFile(databasePath(folder), 'gone fishing\n'),
  'it is empty': (folder) => truncate(databasePath(folder), 0),
  'it is gone': (folder) => rm(databasePath(folder)),
  'it is cut in the middle of a page, and its log is gone': async (folder) => {
    await rm(logPath(folder));
    await truncate(databasePath(folder), Math.floor((await size(databasePath(folder))) / 2) + 100);
  },
  'its log is cut in half': async (folder) => truncate(logPath(folder), Math.floor((await size(logPath(folder))) / 2)),
  'its log is gone': (folder) => rm(logPath(folder)),
  'the header of its log is noise': (folder) => overwrite(logPath(folder), 0, noise(32)),
  'a byte of its log has turned': (folder) => overwrite(logPath(folder), FIRST_FRAMES - 100, noise(8)),
};
