import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/model/clock.ts';
import { openPty } from '../../../src/wire/pty.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

// It says what socat says when all is well, and has made no port.
const PROGRAM = `#!/bin/sh
echo $$ > "$0.pid"
echo "starting data transfer loop" >&2
exec sleep 60
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a pty that cannot be held open leaves no program behind', async () => {
  await using folder = await temporaryFolder();
  const socat = join(folder.path, 'socat');
  await writeFile(socat, PROGRAM);
  await chmod(socat, 0o755);
  vi.stubEnv('PATH', `${folder.path}${delimiter}${process.env['PATH']}`);
  const link = join(folder.path, 'port');
  await expect(openPty(link, systemClock)).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringMatching(/^no pty can be made at .*port: /),
  });
  const pid = Number(await readFile(`${socat}.pid`, 'utf8'));
  await expect.poll(() => isRunning(pid)).toBe(false);
});
