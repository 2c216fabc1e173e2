import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GatewayError } from '../../../../src/model/errors.ts';
import { openEntry } from '../../../../src/ops/audit/entry.ts';
import { readHead, readLines } from '../../../../src/ops/audit/files.ts';
import { createAudit, type Audit, type AuditOptions } from '../../../../src/ops/audit/log.ts';
import { verifyLines } from '../../../../src/ops/audit/verify.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { testWith } from '../../../support/peers.ts';
import { smallDisk } from '../../../support/small-disk.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let failures: GatewayError[];
let recovered: number[];

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'audit.log');
  failures = [];
  recovered = [];
});

afterEach(() => folder[Symbol.asyncDispose]());

function openLog(changes: Partial<AuditOptions> = {}): Audit {
  return createAudit({
    path,
    size: 1_048_576,
    clock: new FakeClock(),
    failed: (error) => failures.push(error),
    recovered: (missed) => recovered.push(missed),
    ...changes,
  });
}

/** Some six files of 16 KiB. */
async function appendMany(audit: Audit): Promise<void> {
  for (let group = 0; group < 25; group += 1) {
    await Promise.all(Array.from({ length: 10 }, (_, id) => audit.append('command', { id, text: 'x'.repeat(250) })));
  }
}

const verdict = (file = path) =>
  verifyLines(
    readLines(file),
    [readHead(file)].filter((head) => head !== undefined),
  );
const eventsIn = (file = path): readonly (string | undefined)[] =>
  readLines(file).map(({ text }) => openEntry(text)?.event);

test('an entry is in the file, readable for this user only, when `append` resolves', async () => {
  await using audit = openLog();
  await audit.append('command', { id: 'a1', point: 'boiler/setpoint', result: 'done' });
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    number: 1,
    time: '2026-11-22T09:15:00.000Z',
    event: 'command',
    detail: { id: 'a1', point: 'boiler/setpoint', result: 'done' },
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a later run goes on with the chain', async () => {
  for (let run = 0; run < 3; run += 1) {
    await using audit = openLog();
    await Promise.all([audit.append('start', { run }), audit.append('stop', { run })]);
  }
  expect(verdict()).toMatchObject({ from: 1, to: 6, fault: null });
});

test('rotation bounds the files, carries the chain over, and says up to where entries were given up', async () => {
  await using audit = openLog({ size: 64 * 1024 });
  await appendMany(audit);
  const names = await readdir(folder.path);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder.path, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(80 * 1024);
  expect(names.toSorted()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2', 'audit.log.3', 'audit.log.head']);
  const { from, to, fault } = verdict();
  expect([fault, to]).toEqual([null, audit.status().number]);
  expect(from).toBeGreaterThan(1);
});

test('the oldest file deleted by hand is not taken for a rotation', async () => {
  await using audit = openLog({ size: 64 * 1024 });
  await appendMany(audit);
  await writeFile(`${path}.3`, '');
  expect(verdict().fault).toMatchObject({ kind: 'beginning', file: `${path}.2`, line: 1 });
});

test('what a power cut left of an entry is cut off, and that is noted', async () => {
  await using audit = openLog();
  await audit.append('start', {});
  await audit[Symbol.asyncDispose]();
  await appendFile(path, '{"number":2,"time":"2026-');
  expect(verdict().fault?.kind).toBe('torn');
  await using again = openLog();
  await again.append('start', {});
  expect(eventsIn()).toEqual(['start', 'audit-torn', 'start']);
  expect(verdict().fault).toBeNull();
});

test('a tail that was cut off while nobody looked stays known after the next start', async () => {
  await using audit = openLog();
  await audit.append('start', {});
  const { size } = await stat(path);
  for (let index = 0; index < 5; index += 1) await audit.append('command', { index });
  await audit[Symbol.asyncDispose]();
  await truncate(path, size);
  expect(verdict().fault).toMatchObject({ kind: 'truncated', line: 1 });
  await using again = openLog();
  await again.append('start', {});
  expect(verdict().fault).toMatchObject({
    kind: 'truncated',
    line: 2,
    detail: 'when the gateway came back, the entries 2 to 6 were gone',
  });
});

test('a log that something has damaged is gone on with behind its last sound entry', async () => {
  await using audit = openLog();
  await audit.append('start', {});
  await audit[Symbol.asyncDispose]();
  await appendFile(path, 'no entry at all\n');
  await using again = openLog();
  await again.append('start', {});
  expect(eventsIn()).toEqual(['start', undefined, 'audit-damaged', 'start']);
  expect(verdict().fault).toMatchObject({ kind: 'edited', line: 2 });
});

test('where nothing can be written, `append` rejects, `note` is counted, and both are told once', async () => {
  await using audit = openLog({ path: join(folder.path, 'missing', 'audit.log') });
  await expect(audit.append('command', {})).rejects.toMatchObject({ code: 'audit-failed' });
  audit.note('clock-stepped', {});
  await expect(audit.append('command', {})).rejects.toMatchObject({ code: 'audit-failed' });
  expect(failures).toHaveLength(1);
  expect(audit.status()).toMatchObject({ missed: 3, error: expect.stringContaining('cannot be written') });
});

testWith(
  'root',
  'on a full disk nothing of an entry stays, and what was missed is said once there is room',
  async () => {
    await using disk = await smallDisk(256 * 1024);
    const file = join(disk.path, 'audit.log');
    await using audit = openLog({ path: file });
    await audit.append('start', {});
    await disk.fill();
    let refused = 0;
    for (let index = 0; index < 100; index += 1) {
      await audit.append('command', { index, text: 'x'.repeat(200) }).catch(() => (refused += 1));
    }
    expect(refused).toBeGreaterThan(50);
    expect(verdict(file).fault).toBeNull();
    await disk.free();
    await audit.append('command', { after: true });
    expect(verdict(file)).toMatchObject({ missed: refused, fault: null });
    expect([failures.length, recovered]).toEqual([1, [refused]]);
    expect(audit.status()).toMatchObject({ missed: 0, error: null });
  },
);
