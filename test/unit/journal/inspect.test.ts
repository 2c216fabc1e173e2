import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectJournal } from '../../../src/journal/inspect.ts';
import { startJournalProcess } from '../../support/journal-process.ts';
import { countersFrom, openTestJournal } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function snapshot(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'hex')] as const)),
  );
}

test('a closed journal tells the same as it did while it was open, and stays as it is', async () => {
  await using folder = await temporaryFolder();
  const journal = await openTestJournal(folder.path);
  await journal.destinations(['centre']);
  await journal.append(countersFrom(1, 1_200));
  journal.acknowledged('centre', { after: 0, upto: 200 });
  const { fileBytes: _open, usedBytes: _used, ...told } = await journal.status();
  await journal.close();
  const before = await snapshot(folder.path);
  expect(await inspectJournal(folder.path)).toMatchObject(told);
  expect(told).toMatchObject({ last: 1_200, destinations: [{ name: 'centre', pending: 1_000, gaps: 0 }] });
  expect(await snapshot(folder.path)).toEqual(before);
});

test('what a killed daemon has left in its log is counted, and left there', async () => {
  await using folder = await temporaryFolder();
  const writer = startJournalProcess(folder.path);
  await writer.said('1 ');
  await writer.kill();
  const before = await snapshot(folder.path);
  expect((await inspectJournal(folder.path)).last).toBeGreaterThanOrEqual(writer.committed());
  expect(await snapshot(folder.path)).toEqual(before);
});

test('a journal in use says by whom', async () => {
  await using folder = await temporaryFolder();
  await using _journal = await openTestJournal(folder.path);
  await expect(inspectJournal(folder.path)).rejects.toMatchObject({
    code: 'journal-locked',
    message: expect.stringContaining(`process ${process.pid} since`),
  });
});

test('where there is no journal none is made', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'journal');
  await expect(inspectJournal(path)).rejects.toMatchObject({ code: 'journal-unusable' });
  await mkdir(path);
  await expect(inspectJournal(path)).rejects.toMatchObject({ code: 'journal-unusable' });
  expect(await readdir(path)).toEqual([]);
});
