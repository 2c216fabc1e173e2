import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTraceFile } from '../../../src/cli/trace-file.ts';
import { parseTrace } from '../../../src/wire/trace-text.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const started = Date.UTC(2026, 10, 22, 9, 15);
const head = { driver: 'modbus', transport: 'serial', settings: { path: '/dev/ttyUSB0', baud: 9600 }, started };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => folder[Symbol.asyncDispose]());

test('a recording reads back as what was on the wire, and when', async () => {
  const path = join(folder.path, 'basement.trace');
  const sent = {
    time: '2026-11-22T09:15:01.204Z',
    direction: 'sent',
    bytes: '0103006400',
    meaning: 'a question',
  } as const;
  {
    await using file = await openTraceFile(path, head);
    await file.write([sent]);
    await file.write([
      { ...sent, time: '2026-11-22T09:15:01.225Z', direction: 'received', bytes: 'ff', meaning: 'noise' },
    ]);
  }
  expect(parseTrace(await readFile(path, 'utf8'), path)).toEqual({
    ...head,
    frames: [
      { seconds: 1.204, direction: 'sent', bytes: Buffer.from('0103006400', 'hex'), meaning: 'a question' },
      { seconds: 1.225, direction: 'received', bytes: Buffer.from('ff', 'hex'), meaning: 'noise' },
    ],
  });
});

test('an earlier recording is never written over', async () => {
  const path = join(folder.path, 'earlier.trace');
  await writeFile(path, 'precious');
  await expect(openTraceFile(path, head)).rejects.toMatchObject({
    code: 'usage',
    message: `${path} exists: name another file for the recording`,
  });
  expect(await readFile(path, 'utf8')).toBe('precious');
});

test('a place where no file can be is an error that names it', async () => {
  const path = join(folder.path, 'nowhere', 'basement.trace');
  await expect(openTraceFile(path, head)).rejects.toMatchObject({
    code: 'output-failed',
    message: expect.stringContaining(path),
  });
});
