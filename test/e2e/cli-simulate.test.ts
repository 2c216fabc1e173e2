import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { peerPath, testWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { startSimulating } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder.path, 'weir.yaml'), 'gateway: { id: test }\njournal: { path: ./journal }\n');
  await mkdir(join(folder.path, 'profiles', 'site'), { recursive: true });
  await writeFile(
    join(folder.path, 'profiles', 'site', 'relays.yaml'),
    JSON.stringify({
      driver: 'modbus',
      vendor: 'Site',
      model: 'Relays',
      description: 'What our panel builder wired',
      document: { title: 'Wiring plan', revision: '3' },
      verified: 'document',
      points: {
        relay: { read: 'coil 0', write: {} },
        setpoint: { read: 'holding 10', type: 'int16', unit: 'Cel', write: { min: 5, max: 60 } },
        temperature: { read: 'holding 11', type: 'int16', unit: 'Cel' },
      },
    }),
  );
});

afterEach(() => folder[Symbol.asyncDispose]());

/** Values by address, as mbpoll prints them; its complaint where it has none. */
async function poll(...words: readonly string[]): Promise<Readonly<Record<string, string>> | string> {
  try {
    const { stdout } = await run(peerPath('mbpoll'), ['-1', '-0', ...words]);
    return Object.fromEntries([...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)].map(([, place, value]) => [place, value]));
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
  }
}

testWith('mbpoll', 'mbpoll reads a simulated meter over TCP, each unit with values of its own', async () => {
  await using simulation = await startSimulating(['eastron/sdm630', '--units', '3', '--port', '0']);
  const { port, devices } = simulation.told;
  expect(devices).toEqual([1, 2, 3].map((unit) => ({ profile: 'eastron/sdm630', unit })));
  const voltages = new Set<string | undefined>();
  for (const unit of ['1', '2', '3']) {
    const values = await poll('-a', unit, '-t', '3:float', '-B', '-r', '0', '-c', '1', '-p', `${port}`, '127.0.0.1');
    const voltage = typeof values === 'string' ? values : values['0'];
    expect(Number(voltage)).toBeGreaterThan(220);
    expect(Number(voltage)).toBeLessThan(240);
    voltages.add(voltage);
  }
  expect(voltages.size).toBe(3);
});

testWith(['mbpoll', 'socat'], 'mbpoll reads a simulated meter over RTU on a pty', async () => {
  const link = join(folder.path, 'bus');
  await using simulation = await startSimulating(['eastron/sdm630', '--pty', link, '--baud', '38400', '--unit', '7']);
  expect(simulation.told.connection).toEqual({ transport: 'serial', path: link, baud: 38_400, parity: 'none' });
  const line = ['-m', 'rtu', '-b', '38400', '-P', 'none'];
  const values = await poll(...line, '-a', '7', '-t', '3:float', '-B', '-r', '70', '-c', '1', link);
  const frequency = { '70': expect.stringMatching(/^(49\.9|50(\.0|$))/) };
  expect(values).toEqual(frequency);
  // Again, since the first program has closed the port meanwhile; and a unit that is not there stays silent.
  expect(await poll(...line, '-a', '8', '-o', '0.3', '-t', '3', '-r', '0', link)).toMatch(/timed out/i);
  expect(await poll(...line, '-a', '7', '-t', '3:float', '-B', '-r', '70', '-c', '1', link)).toEqual(frequency);
});

testWith('mbpoll', 'what is written to a writable point is kept, and no other point can be written', async () => {
  await using simulation = await startSimulating(['site/relays', '--port', '0'], folder.path);
  const there = ['-p', String(simulation.told.port), '127.0.0.1'];
  await poll('-t', '0', '-r', '0', ...there, '1');
  await poll('-t', '4', '-r', '10', ...there, '42');
  expect(await poll('-t', '0', '-r', '0', ...there)).toEqual({ '0': '1' });
  expect(await poll('-t', '4', '-r', '10', ...there)).toEqual({ '10': '42' });
  expect(await poll('-t', '4', '-r', '11', ...there, '42')).toMatch(/illegal data address/i);
});

testWith('mbpoll', 'faults strike the units that they are for', async () => {
  const faults = ['silent:2', 'exception=6:3', 'reset:4', 'slow=400ms:5'];
  await using simulation = await startSimulating([
    'eastron/sdm630',
    '--units',
    '6',
    '--port',
    '0',
    '--fault',
    ...faults,
  ]);
  const ask = (unit: number): Promise<unknown> =>
    poll('-a', `${unit}`, '-o', '0.3', '-t', '3', '-r', '0', '-p', `${simulation.told.port}`, '127.0.0.1');
  expect(await ask(1)).toEqual({ '0': expect.any(String) });
  expect(await ask(2)).toMatch(/timed out/i);
  expect(await ask(3)).toMatch(/busy/i);
  expect(await ask(4)).toMatch(/reset|closed/i);
  expect(await ask(5)).toMatch(/timed out/i);
  expect(await ask(6)).toEqual({ '0': expect.any(String) });
});

test.each([
  ['loud:3', 'loud is no fault; there are silent, slow, checksum, exception, reset, noise, echo'],
  ['slow=fast', 'expected a duration, e.g. slow=2s'],
  ['exception=700:1', 'expected a code from 1 to 255, e.g. exception=6'],
  ['silent=3', 'silent takes no value'],
  ['silent/3', 'write KIND[=VALUE][:UNIT[:RATE%]]'],
])('the fault %s is told to be wrong', async (fault, complaint) => {
  const { exit, stderr } = await runWeir(['simulate', 'eastron/sdm630', '--port', '0', '--fault', fault]);
  expect(stderr).toContain(`--fault ${fault}: ${complaint}`);
  expect(exit).toBe(64);
});

test('more units than there are addresses are refused', async () => {
  const { exit, stderr } = await runWeir(['simulate', 'eastron/sdm630', '--unit', '200', '--units', '57']);
  expect(stderr).toContain('units end at 255');
  expect(exit).toBe(64);
});
