import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsIn, writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const right = 'gateway: { id: g }\n';

/** How the folder of weir.yaml comes about, and the one line that is said about it. */
const rows: readonly (readonly [what: string, prepare: (folder: string) => Promise<void>, line: string])[] = [
  [
    'a file that is not there',
    async () => undefined,
    'weir.yaml does not exist; write one there, or name another with --config',
  ],
  [
    'a folder',
    async (folder) => {
      await mkdir(join(folder, 'weir.yaml'));
    },
    'weir.yaml is no file; name the file in this folder',
  ],
  ['a device', (folder) => symlink('/dev/zero', join(folder, 'weir.yaml')), 'weir.yaml is no file'],
  [
    'a file larger than any configuration',
    (folder) => writeFile(join(folder, 'weir.yaml'), `${right}# ${'x'.repeat(2 ** 20)}`),
    'weir.yaml has 1048597 bytes; 1048576 are the limit',
  ],
  [
    'a text in UTF-16',
    (folder) => writeFile(join(folder, 'weir.yaml'), `\uFEFF${right}`, 'utf16le'),
    'weir.yaml is no UTF-8 text; save it as UTF-8',
  ],
  [
    'a fragment that is a folder',
    async (folder) => {
      await writeFiles(folder, { 'weir.yaml': right, 'weir.d/a.yaml/b': '' });
    },
    'weir.d/a.yaml is no file; name the file in this folder',
  ],
];

test.each(rows)('%s cannot be read, and that is said', async (_what, prepare, line) => {
  await using folder = await temporaryFolder();
  await prepare(folder.path);
  expect(await faultsIn(folder.path)).toEqual({ lines: [line], code: 'configuration-unreadable' });
});

const NOBODY = 65_534;

/** Runs `work` without the rights of root, which would let it read everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a file that this user may not read is unreadable', async () => {
  await using folder = await temporaryFolder();
  await chmod(folder.path, 0o755);
  await writeFile(join(folder.path, 'weir.yaml'), right, { mode: 0o000 });
  const { lines, code } = await asNobody(() => faultsIn(folder.path));
  expect(lines).toEqual(['weir.yaml cannot be read by this user; let this user read it and enter its folder']);
  expect(code).toBe('configuration-unreadable');
});

test('fragments that this user may not list are unreadable, not absent', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': right, 'weir.d/a.yaml': 'clock: {}' });
  await chmod(folder.path, 0o755);
  await chmod(join(folder.path, 'weir.d'), 0o000);
  const { lines, code } = await asNobody(() => faultsIn(folder.path));
  await chmod(join(folder.path, 'weir.d'), 0o755);
  expect(lines).toEqual(['weir.d cannot be read by this user; let this user read it and enter its folder']);
  expect(code).toBe('configuration-unreadable');
});
