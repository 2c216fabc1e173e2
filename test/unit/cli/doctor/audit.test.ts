import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkAudit, lookAtAudit } from '../../../../src/cli/doctor/audit.ts';
import { systemClock } from '../../../../src/model/clock.ts';
import { createAudit } from '../../../../src/ops/audit/log.ts';
import { briefly } from '../../../support/findings.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const ignore = (): void => undefined;

/** A log of three entries. */
async function written(folder: string): Promise<string> {
  const path = join(folder, 'audit.log');
  await using audit = createAudit({ path, size: 1 << 20, clock: systemClock, failed: ignore, recovered: ignore });
  for (const id of ['a', 'b', 'c']) await audit.append('command', { id });
  return path;
}

const findings = (path: string): readonly string[] => checkAudit(lookAtAudit(path, undefined)).map(briefly);

test('a log as it was written, and one that is not there yet, are no trouble', async () => {
  await using folder = await temporaryFolder();
  expect(findings(await written(folder.path))).toEqual([]);
  expect(findings(join(folder.path, 'absent.log'))).toEqual([]);
});

test('an entry that was changed is named, and that it is evidence', async () => {
  await using folder = await temporaryFolder();
  const path = await written(folder.path);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"id":"b"', '"id":"x"'));
  const [finding] = checkAudit(lookAtAudit(path, undefined));
  expect(finding).toMatchObject({
    severity: 'critical',
    what: `${path}:2 is edited`,
    todo: expect.stringMatching(/^keep the files as evidence/),
  });
});

test('entries that are gone are missed by the head beside it, and by the gateway', async () => {
  await using folder = await temporaryFolder();
  const path = await written(folder.path);
  const [first = '', second = ''] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, `${first}\n${second}\n`);
  expect(findings(path)).toEqual([`critical audit log: ${path}:2 is truncated`]);
  const status = { path, number: 9, hash: 'ab'.repeat(32), missed: 0, error: 'the disk is full' };
  expect(checkAudit(lookAtAudit(path, status)).map(briefly)).toEqual([
    `critical audit log: ${path}:2 is truncated`,
    'critical audit log: the gateway cannot write it',
  ]);
});

test('a half line at the end is what a power cut leaves', async () => {
  await using folder = await temporaryFolder();
  const path = await written(folder.path);
  await writeFile(path, '{"number":4,', { flag: 'a' });
  expect(findings(path)).toEqual([`advice audit log: ${path}:4 is torn`]);
});

test('what cannot be read is not taken for good', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'audit.log');
  await mkdir(path);
  expect(findings(path)).toEqual([`warning audit log: ${path} cannot be read`]);
});
