import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Framing } from '../../drivers/modbus/framing.ts';
import { rtuFraming } from '../../drivers/modbus/rtu-framing.ts';
import { tcpFraming } from '../../drivers/modbus/tcp-framing.ts';
import { formatTrace } from '../../src/wire/trace-text.ts';
import { describeWith, peerPath, testWith } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
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

const PATIENT = ['-o', '10']; // seconds for an answer: what comes is not to be late on a loaded machine
const IMPATIENT = ['-o', '0.3'];

/** Values by address, as mbpoll prints them; its complaint where it has none. */
async function poll(...words: readonly string[]): Promise<Readonly<Record<string, string>> | string> {
  try {
    const { stdout } = await run(peerPath('mbpoll'), ['-1', '-0', ...PATIENT, ...words]);
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
  expect(await poll(...line, '-a', '8', ...IMPATIENT, '-t', '3', '-r', '0', link)).toMatch(/timed out/i);
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
  const faults = ['silent:2', 'exception=6:3', 'reset:4', 'slow=5s:5'];
  await using simulation = await startSimulating([
    'eastron/sdm630',
    '--units',
    '6',
    '--port',
    '0',
    '--fault',
    ...faults,
  ]);
  const ask = (unit: number, patience = PATIENT): Promise<unknown> =>
    poll('-a', `${unit}`, ...patience, '-t', '3', '-r', '0', '-p', `${simulation.told.port}`, '127.0.0.1');
  expect(await ask(1)).toEqual({ '0': expect.any(String) });
  expect(await ask(2, IMPATIENT)).toMatch(/timed out/i);
  expect(await ask(3)).toMatch(/busy/i);
  expect(await ask(4)).toMatch(/reset|closed/i);
  expect(await ask(5, IMPATIENT)).toMatch(/timed out/i);
  expect(await ask(6)).toEqual({ '0': expect.any(String) });
});

/** What pymodbus makes of the answers of unit 1. */
async function pymodbus(transport: string, place: string | number, ...questions: readonly string[]): Promise<unknown> {
  const client = new URL('../support/pymodbus-client.py', import.meta.url).pathname;
  const { stdout } = await run(peerPath('pymodbus'), [client, transport, String(place), '1', ...questions]);
  return JSON.parse(stdout);
}

const identity = { '0': 'Site', '1': 'Relays', '2': 'simulated' };

describeWith('pymodbus', 'pymodbus reads, writes and identifies', () => {
  test.each(['tcp', 'udp', 'rtu-over-tcp', 'ascii-over-tcp'])('over %s', async (transport) => {
    await using simulation = await startSimulating(
      ['site/relays', '--transport', transport, '--port', '0'],
      folder.path,
    );
    const { port = 0, connection } = simulation.told;
    expect(connection).toEqual({ transport, host: '127.0.0.1', port });
    const answers = await pymodbus(transport, port, 'write:10:42', 'holding:10:1', 'write:11:1', 'identity');
    expect(answers).toEqual([42, [42], 'exception 2', identity]);
  });

  describeWith('socat', 'on a pty', () => {
    test.each(['rtu', 'ascii'])('in %s, with every function that writes', async (framing) => {
      const link = join(folder.path, 'bus');
      const words = ['site/relays', '--pty', link, '--framing', framing, '--baud', '19200'];
      await using _ = await startSimulating(words, folder.path);
      const questions = {
        'write:10:43': 43,
        'mask:10:240:5': 5, // (43 and 240) or (5 and not 240)
        'holding:10:1': [37],
        'write-many:10:44': 1,
        'holding:10:2': [44, expect.any(Number)],
        'write-coil:0:1': true,
        'coil:0:1': [true, ...Array.from({ length: 7 }, () => false)],
        'write-coils:0:0': 1,
        'coil:0:2': 'exception 2',
        identity,
      };
      const answers = await pymodbus(framing, link, ...Object.keys(questions));
      expect(answers).toEqual(Object.values(questions));
    });
  });
});

function holding(value: number): Buffer {
  return Buffer.of(3, 2, 0, value);
}

/** A recording of `weir trace`: what was asked of a meter that held 230 and then 231, and was once silent. */
async function record(transport: string, framing: Framing): Promise<string> {
  const read = Buffer.from('0300000001', 'hex');
  const frame = (transaction: number, pdu: Buffer): Buffer => framing.encode({ transaction, unit: 1, pdu });
  const frames = [
    { seconds: 1, direction: 'sent', bytes: frame(1, read), meaning: 'unit 1: read holding 0' },
    { seconds: 1.01, direction: 'received', bytes: frame(1, holding(230)), meaning: '' },
    { seconds: 2, direction: 'sent', bytes: frame(2, read), meaning: '' },
    { seconds: 2.01, direction: 'received', bytes: frame(2, holding(231)), meaning: '' },
    { seconds: 3, direction: 'sent', bytes: frame(3, read), meaning: 'nobody answered this one' },
  ] as const;
  const file = join(folder.path, `${transport}.trace`);
  await writeFile(file, formatTrace({ driver: 'modbus', transport, settings: {}, started: 0, frames }));
  return file;
}

const replayed = [[230], [231], 'no answer', [230]];
const threeTimesAndAgain = replayed.map(() => 'holding:0:1');

testWith(
  'pymodbus',
  'a recording is replayed to whoever asks the same, whatever the numbers of the requests',
  async () => {
    const file = await record('tcp', tcpFraming);
    await using simulation = await startSimulating(['--replay', file, '--port', '0']);
    expect(simulation.told).toMatchObject({ driver: 'modbus', transport: 'tcp', questions: 1 });
    expect(await pymodbus('tcp', simulation.told.port ?? 0, ...threeTimesAndAgain)).toEqual(replayed);
  },
);

testWith(['pymodbus', 'socat'], 'a recording of a line is replayed on a pty', async () => {
  const file = await record('serial', rtuFraming);
  const link = join(folder.path, 'bus');
  await using _ = await startSimulating(['--replay', file, '--pty', link]);
  expect(await pymodbus('rtu', link, ...threeTimesAndAgain)).toEqual(replayed);
});

test.each<[string, (folder: string) => Promise<readonly string[]>, string]>([
  ['that is not there', async () => ['/nowhere.trace'], '/nowhere.trace cannot be read: ENOENT'],
  [
    'that is something else',
    async (path) => [join(path, 'weir.yaml')],
    'weir.yaml:1: a trace begins with "# weir trace 1"',
  ],
  [
    'in which nothing is asked',
    async (path) => {
      const file = join(path, 'empty.trace');
      await writeFile(file, formatTrace({ driver: 'sml', transport: 'serial', settings: {}, started: 0, frames: [] }));
      return [file];
    },
    'empty.trace holds no question: nothing was sent in it',
  ],
  [
    'beside profiles',
    async () => ['x.trace', 'eastron/sdm630'],
    '--replay plays a recording alone: leave the profiles out',
  ],
  ['beside faults', async () => ['x.trace', '--fault', 'silent'], '--replay plays the faults of its recording alone'],
])('a recording %s is told to be wrong', async (_, words, complaint) => {
  const { exit, stderr } = await askWeir(['simulate', '--port', '0', '--replay', ...(await words(folder.path))]);
  expect(stderr).toContain(complaint);
  expect(exit).toBe(64);
});

test.each([
  ['loud:3', 'loud is no fault; there are silent, slow, checksum, exception, reset, noise, echo'],
  ['slow=fast', 'expected a duration, e.g. slow=2s'],
  ['exception=700:1', 'expected a code from 1 to 255, e.g. exception=6'],
  ['silent=3', 'silent takes no value'],
  ['silent/3', 'write KIND[=VALUE][:UNIT[:RATE%]]'],
])('the fault %s is told to be wrong', async (fault, complaint) => {
  const { exit, stderr } = await askWeir(['simulate', 'eastron/sdm630', '--port', '0', '--fault', fault]);
  expect(stderr).toContain(`--fault ${fault}: ${complaint}`);
  expect(exit).toBe(64);
});

test('more units than there are addresses are refused', async () => {
  const { exit, stderr } = await askWeir(['simulate', 'eastron/sdm630', '--unit', '200', '--units', '57']);
  expect(stderr).toContain('units end at 255');
  expect(exit).toBe(64);
});
