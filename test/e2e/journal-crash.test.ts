import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectCounters, killAtRandom } from '../support/journal-crashes.ts';
import { startJournalProcess } from '../support/journal-process.ts';
import { openTestJournal } from '../support/journals.ts';
import { peerPath, testWith } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('nothing committed is lost and no sequence used twice, whenever the process is killed', async () => {
  await using folder = await temporaryFolder();
  const committed = await killAtRandom(folder.path, { times: 15, seed: 1 });
  expect(committed).toBeGreaterThan(1_000);
}, 180_000);

test('a second process is refused by the name of the first, and let in once that was killed', async () => {
  await using folder = await temporaryFolder();
  const first = startJournalProcess(folder.path);
  await first.said('open');
  const second = startJournalProcess(folder.path);
  const refusal = await second.said('error');
  expect(refusal).toMatch(
    new RegExp(`^error journal-locked the journal in .* belongs to process ${first.pid} since 20`),
  );
  await second.ended;
  await first.kill();
  await using journal = await openTestJournal(folder.path);
  expect(journal.last).toBeGreaterThanOrEqual(first.committed());
});

testWith(['strace'], 'every commit waits for an fsync', async () => {
  await using folder = await temporaryFolder();
  const trace = join(folder.path, 'trace');
  const strace = [peerPath('strace'), '-f', '-e', 'trace=fsync,fdatasync', '-o', trace];
  const writer = startJournalProcess(join(folder.path, 'journal'), { batches: 40, under: strace });
  await writer.ended;
  const syncs = (await readFile(trace, 'utf8')).split('\n').filter((line) => / f(data)?sync\(/.test(line));
  const groups = 40 / 4;
  expect(syncs.length).toBeGreaterThanOrEqual(groups);
});

testWith(
  ['strace'],
  'when the disk fails an fsync the commit is made again under the same sequences',
  async () => {
    await using folder = await temporaryFolder();
    // The first ones make the journal; to open it again takes a few.
    const strace = [peerPath('strace'), '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'];
    const faults = ['-e', 'inject=fsync,fdatasync:error=EIO:when=20+25'];
    const writer = startJournalProcess(folder.path, { batches: 200, under: [...strace, ...faults] });
    await writer.ended;
    expect(writer.lines.at(-1)).toMatch(/^\d+ \d+$/);
    await expectCounters(folder.path, writer.committed(), 'exactly');
  },
  180_000,
);

testWith(
  ['strace'],
  'a disk that fails for good ends the journal with an error, and what was committed is there',
  async () => {
    await using folder = await temporaryFolder();
    const strace = [peerPath('strace'), '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'];
    const faults = ['-e', 'inject=fsync,fdatasync:error=EIO:when=30+1'];
    const writer = startJournalProcess(folder.path, { under: [...strace, ...faults] });
    await writer.ended;
    expect(writer.lines.at(-1)).toMatch(/^error journal-failed the journal in .*SQLITE_IOERR/);
    await expectCounters(folder.path, writer.committed(), 'at least');
  },
  180_000,
);
