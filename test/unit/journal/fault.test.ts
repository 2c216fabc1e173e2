import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { journalFault } from '../../../src/journal/fault.ts';
import { startJournalProcess } from '../../support/journal-process.ts';
import { openTestJournal } from '../../support/journals.ts';
import { testWith } from '../../support/peers.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// `journal-unusable` exits with 78, after which the service manager starts nothing again until a person does.

const NOBODY = 65_534;
const run = promisify(execFile);

function systemError(code: string): Error {
  return Object.assign(new Error(`it said ${code}`), { code });
}

test.each(['SQLITE_CANTOPEN', 'SQLITE_READONLY_DIRECTORY', 'EROFS', 'EMFILE', 'ENFILE', 'EIO', 'SQLITE_IOERR_FSYNC'])(
  '%s from a folder that this user may use is worth another start',
  async (code) => {
    await using folder = await temporaryFolder();
    expect(journalFault(systemError(code), folder.path)).toMatchObject({ code: 'journal-failed' });
  },
);

test('a folder that is a file is for a person to mend', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  expect(journalFault(systemError('EEXIST'), file)).toMatchObject({ code: 'journal-unusable' });
  expect(journalFault(systemError('ENOTDIR'), join(file, 'journal'))).toMatchObject({ code: 'journal-unusable' });
});

testWith('root', 'a disk that is read-only for a moment is worth another start, which then succeeds', async () => {
  await using disk = await smallDisk(20_000_000);
  const path = join(disk.path, 'journal');
  await (await openTestJournal(path)).close();
  await run('mount', ['-o', 'remount,ro', disk.path]);
  for (const refused of [path, join(disk.path, 'new')]) {
    await expect(openTestJournal(refused)).rejects.toMatchObject({ code: 'journal-failed' });
  }
  await run('mount', ['-o', 'remount,rw', disk.path]);
  await (await openTestJournal(path)).close();
});

testWith('other-users', 'a folder below a mount point whose disk is not there yet is worth another start', async () => {
  await using folder = await temporaryFolder();
  await chmod(folder.path, 0o755);
  const early = startJournalProcess(join(folder.path, 'journal'), { uid: NOBODY });
  expect(await early.said('error')).toMatch(/^error journal-failed .*EACCES.* as user nobody$/);
  await early.ended;
});

testWith('other-users', 'a file of another user in a folder of our own is for a person to mend', async () => {
  await using folder = await temporaryFolder();
  await chmod(folder.path, 0o755);
  const made = join(folder.path, 'made');
  await (await openTestJournal(made)).close();
  const path = join(folder.path, 'journal');
  await mkdir(path);
  await chmod(path, 0o777);
  await rename(join(made, 'journal.db'), join(path, 'journal.db'));
  const refused = startJournalProcess(path, { uid: NOBODY });
  expect(await refused.said('error')).toMatch(/^error journal-unusable .* as user nobody$/);
  await refused.ended;
});
