import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

/** The machine's own Node, if that is one which cannot run Weir. */
function olderNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders
    .map((folder) => join(folder, 'node'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
      } catch {
        return false;
      }
      return Number(/^v(\d+)/.exec(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 24;
    });
}

const older = olderNode();

test.skipIf(older === undefined)(
  `on an older Node one sentence says what to do${older === undefined ? ' [missing: an older Node]' : ''}`,
  () => {
    const { status, stdout, stderr } = spawnSync(older ?? '', [launcher, 'run'], { encoding: 'utf8' });
    expect(stderr).toMatch(
      /^weir needs Node 24 or newer and this is v\d+\.\d+\.\d+: run it as `npm run -s weir --`.*\.\n$/,
    );
    expect(stdout).toBe('');
    expect(status).toBe(1);
  },
);
