import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askWeir } from '../support/kept-weir.ts';
import { runWeir } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const configuration = `
gateway: { id: harbour-07 }
journal: { path: ./journal }
connections:
  switchroom: { driver: modbus, transport: tcp, host: 127.0.0.1, port: 1, timeout: 30s, retries: 0 }
devices:
  main-meter: { connection: switchroom, unit: 1, every: 10s, points: { voltage: { read: holding 0, type: uint16 } } }
destinations:
  energy-centre: { url: 'mqtt://127.0.0.1:1' }
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder.path, 'weir.yaml'), configuration);
});

afterAll(() => folder[Symbol.asyncDispose]());

// Most tests ask the kept process, for it is ten times as quick. This is why they may; what is not here stands
// elsewhere as a process of its own: completion, destinations, scans, watches, traces, simulators, daemons, centres.
describe('as a process of its own weir answers as the kept one does', () => {
  test.each([
    'config check',
    'profile show abb/b23',
    'completion fish',
    'device read main-meter',
    'device write switchroom/1 coil 3 on --yes',
    'status',
    'history main-meter',
    'journal status --json',
    'audit verify',
    'opcua certificates --json',
  ])('%s', async (line) => {
    const words = line.split(' ');
    const alone = await runWeir(words, { cwd: folder.path });
    await expect(askWeir(words, { cwd: folder.path })).resolves.toEqual(alone);
    expect(alone.stdout + alone.stderr).not.toBe('');
  });
});

test('the folder and the environment are those of each command, not of the one before', async () => {
  const elsewhere = { cwd: '/', env: { WEIR_CONFIG: join(folder.path, 'weir.yaml') } };
  expect(await askWeir(['config', 'check'], elsewhere)).toMatchObject({ exit: 0 });
  expect(await askWeir(['config', 'check', 'weir.yaml'], { cwd: '/' })).toMatchObject({ exit: 78 });
  expect(await askWeir(['config', 'check'], { cwd: folder.path })).toMatchObject({ exit: 0 });
});
