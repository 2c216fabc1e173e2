import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const peers = new URL('../../support/peers.ts', import.meta.url).pathname;
const vitest = new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;

/** Runs one test that needs mbpoll where there is no mbpoll. */
async function runWithoutPeer(environment: NodeJS.ProcessEnv): Promise<{ status: number | null; output: string }> {
  await using folder = await temporaryFolder();
  const body = `import { testWith } from ${JSON.stringify(peers)};\ntestWith('mbpoll', 'polls', () => undefined);\n`;
  await writeFile(join(folder.path, 'one.test.ts'), body);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', folder.path, '--reporter', 'verbose'],
    { encoding: 'utf8', env: { PATH: folder.path, HOME: folder.path, NO_COLOR: '1', ...environment } },
  );
  return { status, output: stdout + stderr };
}

test('a test whose peer is missing is skipped under a name that says so', async () => {
  const { status, output } = await runWithoutPeer({});
  expect(output).toContain('polls [missing: mbpoll (apt-get install mbpoll)]');
  expect(output).toContain('1 skipped');
  expect(status).toBe(0);
});

test('in CI it fails instead', async () => {
  const { status, output } = await runWithoutPeer({ CI: 'true' });
  expect(output).toContain('missing: mbpoll (apt-get install mbpoll)');
  expect(output).toContain('1 failed');
  expect(status).toBe(1);
});
