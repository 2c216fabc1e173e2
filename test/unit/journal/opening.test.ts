import { chmod, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { databasePath, logPath, openDatabase } from '../../../src/journal/database.ts';
import { SCHEMA_VERSION } from '../../../src/journal/schema.ts';
import { startJournalProcess } from '../../support/journal-process.ts';
import { countersFrom, openTestJournal } from '../../support/journals.ts';
import { testWith } from '../../support/peers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOBODY = 65_534;

/** A journal of ten readings, closed. */
async function makeJournal(folder: string): Promise<void> {
  await using journal = await openTestJournal(folder);
  await journal.append(countersFrom(1, 10));
}

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('journal.db'));
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'hex')] as const)),
  );
}

/** Changes the bytes at `offset` of the database's file. */
async function patch(folder: string, offset: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(databasePath(folder), 'r+');
  await file.write(bytes, 0, bytes.length, offset);
}

test('the database really waits for the disk, and honours every other setting', async () => {
  await using folder = await temporaryFolder();
  const database = openDatabase(folder.path);
  const settings = ['journal_mode', 'synchronous', 'locking_mode', 'auto_vacuum', 'trusted_schema', 'foreign_keys'];
  expect(settings.map((name) => database.pragma(name, { simple: true }))).toEqual(['wal', 2, 'exclusive', 2, 0, 1]);
  expect(database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  database.close();
});

test('the folder is made with everything above it, for this user only', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'var', 'lib', 'weir');
  await makeJournal(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('an open journal cannot be opened again, also not by this process, and the holder is named', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path);
  await expect(openTestJournal(folder.path)).rejects.toMatchObject({
    code: 'journal-locked',
    message: expect.stringMatching(new RegExp(`belongs to process ${process.pid} since \\d{4}-`)),
  });
  await journal.append(countersFrom(1, 1));
  await expect(openTestJournal(folder.path)).rejects.toMatchObject({ code: 'journal-locked' });
});

test('a journal of a newer version is refused, and not a byte of it changes, not even after a crash', async () => {
  await using folder = await temporaryFolder();
  const writer = startJournalProcess(folder.path);
  await writer.said('open');
  await writer.said('1 ');
  await writer.kill();
  await patch(folder.path, 60, Uint8Array.of(0, 0, 0, SCHEMA_VERSION + 1));
  const before = await contents(folder.path);
  expect([...before.keys()]).toContain('journal.db-wal');
  await expect(openTestJournal(folder.path)).rejects.toMatchObject({
    code: 'journal-newer',
    message: expect.stringContaining(`version ${SCHEMA_VERSION + 1}, this Weir knows ${SCHEMA_VERSION}`),
  });
  expect(await contents(folder.path)).toEqual(before);
});

test('the version stands in the file itself as soon as the journal is made, so that an older Weir sees it', async () => {
  await using folder = await temporaryFolder();
  const writer = startJournalProcess(folder.path);
  await writer.said('open');
  await writer.kill();
  const header = await readFile(databasePath(folder.path));
  expect(header.readUInt32BE(60)).toBe(SCHEMA_VERSION);
  expect(header.toString('latin1', 68, 72)).toBe('Weir');
});

test('the database of another program is refused and left alone', async () => {
  await using folder = await temporaryFolder();
  const foreign = new SQLite(databasePath(folder.path));
  foreign.exec('PRAGMA application_id = 77; CREATE TABLE theirs (x)');
  foreign.close();
  const before = await contents(folder.path);
  await expect(openTestJournal(folder.path)).rejects.toMatchObject({ code: 'journal-unusable' });
  expect(await contents(folder.path)).toEqual(before);
});

test('the journal of another gateway is refused, naming both', async () => {
  await using folder = await temporaryFolder();
  await makeJournal(folder.path);
  await expect(openTestJournal(folder.path, { gateway: 'harbour-08' })).rejects.toMatchObject({
    code: 'journal-unusable',
    message: expect.stringContaining('gateway harbour-07, not harbour-08'),
  });
});

test('a path that cannot be a folder is unusable, and the message names path and user', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'journal')]) {
    await expect(openTestJournal(path)).rejects.toMatchObject({
      code: 'journal-unusable',
      message: expect.stringMatching(new RegExp(`${path}.* as user \\w+`)),
    });
  }
  await expect(openTestJournal(file)).rejects.toThrow('that is a file; let journal.path name a folder (EEXIST)');
});

testWith('other-users', 'a folder of another user is unusable', async () => {
  await using folder = await temporaryFolder();
  await chmod(folder.path, 0o755);
  const path = join(folder.path, 'journal');
  await mkdir(path, { mode: 0o755 });
  const refused = startJournalProcess(path, { uid: NOBODY });
  expect(await refused.said('error')).toMatch(/^error journal-unusable .* as user nobody$/);
  await refused.ended;
  await makeJournal(path);
  const locked = startJournalProcess(path, { uid: NOBODY });
  expect(await locked.said('error')).toMatch(/^error journal-unusable /);
  await locked.ended;
});

test('a journal whose log and lock were left by a crash opens, also without the owner file', async () => {
  await using folder = await temporaryFolder();
  const writer = startJournalProcess(folder.path);
  await writer.said('1 ');
  await writer.kill();
  expect((await stat(logPath(folder.path))).size).toBeGreaterThan(0);
  await rm(join(folder.path, 'owner'));
  await using journal = await openTestJournal(folder.path);
  expect(journal.last).toBeGreaterThanOrEqual(writer.committed());
});
