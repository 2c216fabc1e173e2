import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCommissionedMeter, type CommissionedMeter } from '../support/commissioned-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { askWeir } from '../support/kept-weir.ts';
import { startWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The same commands while a daemon has the line: they go through it, between its polls.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meter: CommissionedMeter;
let daemon: Daemon;

beforeAll(async () => {
  folder = await temporaryFolder();
  meter = await startCommissionedMeter();
  daemon = new Daemon(folder.path);
  const setpoint = { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } };
  await daemon.start({
    connections: {
      basement: {
        driver: 'modbus',
        transport: 'tcp',
        host: '127.0.0.1',
        port: meter.port,
        timeout: '2s', // no answer is ever late
        retries: 0,
      },
    },
    devices: { boiler: { connection: 'basement', unit: 7, every: '100ms', points: { setpoint } } },
  });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await meter[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

describe('while the daemon polls the line', () => {
  test('places that need not be configured are read', async () => {
    const { exit, stdout } = await weir('device', 'read', 'basement/7', 'holding 100', '--type', 'float32', '--json');
    const [reading] = JSON.parse(stdout) as { value: number }[];
    expect(exit).toBe(0);
    expect(reading?.value).toBeCloseTo(230.1, 4);
  });

  test('a scan finds its devices, and the polls go on', async () => {
    const { exit, stdout } = await weir('device', 'scan', 'basement', '--units', '6-7', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ device: { unit: 7 } });
    const status = await (await daemon.control()).status();
    expect(status.devices[0]).toMatchObject({ id: 'boiler', state: 'up', failures: 0 });
  });

  test('a device says what it is', async () => {
    const { exit, stdout } = await weir('device', 'identify', 'boiler', '--json');
    const { facts } = JSON.parse(stdout) as { facts: { value: string }[] };
    expect([exit, facts.map(({ value }) => value)]).toEqual([0, expect.arrayContaining(['ACME Instruments'])]);
  });

  test('a configured point is written within its rule', async () => {
    const { exit, stdout } = await weir('device', 'write', 'boiler/setpoint', '55.5', '--yes');
    expect([exit, stdout]).toEqual([0, '✓ boiler/setpoint is 55.5 °C now\n']);
    expect(meter.register(120)).toBe(555);
    const refused = await weir('device', 'write', 'boiler/setpoint', '80', '--yes');
    expect([refused.exit, refused.stderr]).toEqual([64, expect.stringContaining('80 is above 60 Cel')]);
    expect(meter.register(120)).toBe(555);
  });

  test('a trace shows its polls, and disturbs none', async () => {
    const tracing = startWeir(['trace', 'basement', '--json'], { cwd: folder.path });
    const exited = once(tracing, 'exit');
    const frames: { readonly direction: string; readonly meaning: string }[] = [];
    for await (const line of createInterface({ input: tracing.stdout })) {
      if (frames.push(JSON.parse(line)) === 4) tracing.kill('SIGINT');
    }
    await expect(exited).resolves.toEqual([0, null]);
    expect(new Set(frames.map(({ direction }) => direction))).toEqual(new Set(['sent', 'received']));
    expect(frames.find(({ direction }) => direction === 'sent')?.meaning).toContain('holding 120');
  });

  test('a trace of limited time ends by itself', async () => {
    const { exit, stdout, stderr } = await weir('trace', 'basement', '--for', '500ms', '--save', 'polls.trace');
    expect([exit, stderr]).toEqual([0, expect.stringMatching(/^\n\d+ frames\n$/)]);
    expect(stdout).toContain('holding 120');
    const again = await weir('trace', 'basement', '--for', '500ms', '--save', 'polls.trace');
    expect([again.exit, again.stderr]).toEqual([64, expect.stringContaining('polls.trace exists')]);
  });

  test('a watch reads ahead of its polls', async () => {
    const watching = startWeir(['device', 'watch', 'boiler', '--json'], { cwd: folder.path });
    const exited = once(watching, 'exit');
    const [first] = await once(createInterface({ input: watching.stdout }), 'line');
    expect(JSON.parse(String(first))).toMatchObject({ point: 'boiler/setpoint', value: 55.5, unit: 'Cel', changes: 0 });
    watching.kill('SIGINT');
    await expect(exited).resolves.toEqual([0, null]);
  });

  test('status shows all that is known of the device', async () => {
    const { exit, stdout } = await weir('status', '--device', 'boiler');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^boiler {2}on basement {2}up /);
    expect(stdout).toMatch(/^ {2}requests +[\d ]+ answers, recently .*, worst /m);
    expect(JSON.parse((await weir('status', '--device', 'boiler', '--json')).stdout)).toMatchObject({ id: 'boiler' });
    const absent = await weir('status', '--device', 'pump');
    expect([absent.exit, absent.stderr]).toEqual([64, expect.stringContaining('there are: boiler')]);
  });

  test('a line that the daemon has is not scanned at other settings', async () => {
    const { exit, stdout } = await weir('device', 'scan', 'basement', '--units', '7', '--all-settings', '--json');
    // Over TCP there are none: the scan is made at the only ones.
    expect([exit, JSON.parse(stdout.split('\n')[0] ?? '')]).toEqual([0, expect.objectContaining({ settings: {} })]);
  });

  test('a connection that the daemon has lost says so', async () => {
    await meter[Symbol.asyncDispose]();
    await expect.poll(async () => (await (await daemon.control()).status()).connections[0]?.state).toBe('lost');
    const { exit, stderr } = await weir('device', 'read', 'basement/7', 'holding 100', '--type', 'int16');
    expect([exit, stderr]).toEqual([69, expect.stringContaining('connection basement: ')]);
    expect(join(folder.path, 'weir.yaml')).toBe(daemon.file);
  });
});
