import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { startSimulating, type RunningSimulation } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// An empty laptop on a serial line with two meters. A pty knows no baud: there the meters answer at every one.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meters: RunningSimulation;

const weir = async (...words: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
  const line = ['--path', join(folder.path, 'bus'), '--timeout', '500ms', '--json'];
  const { exit, stdout, stderr } = await runWeir([...words, ...line], { cwd: folder.path });
  expect([exit, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
};

describeWith('socat', 'on a serial line', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    const line = ['--pty', join(folder.path, 'bus'), '--baud', '9600'];
    meters = await startSimulating(['eastron/sdm630', 'abb/b23', '--unit', '3', ...line]);
  });

  afterAll(async () => {
    await meters[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('a scan tries each setting that it is given, and says under which one somebody answered', async () => {
    const steps = await weir('device', 'scan', 'modbus', '--units', '3-4', '--baud', '9600,19200', '--parity', 'none');
    const found = steps.slice(0, -1).map(({ device, settings }) => ({ device, settings }));
    expect(found).toEqual([
      { device: { unit: 3 }, settings: {} },
      { device: { unit: 4 }, settings: {} },
      { device: { unit: 3 }, settings: { baud: 19_200 } },
      { device: { unit: 4 }, settings: { baud: 19_200 } },
    ]);
    expect(steps.at(-1)).toMatchObject({ tried: 4, total: 4, complete: true, found: 4 });
    expect(steps.at(-1)?.['snippet']).toMatchObject({
      connections: { 'bus-1': { baud: 9600, parity: 'none' }, 'bus-2': { baud: 19_200, parity: 'none' } },
      devices: { 'unit-4-2': { connection: 'bus-2', unit: 4 } },
    });
  });

  test('a meter says what it is, and looks like its profile', async () => {
    const [found] = await weir('device', 'identify', 'modbus/4');
    expect(found).toMatchObject({
      facts: expect.arrayContaining([expect.objectContaining({ value: 'B23' })]),
      snippet: {
        connections: { bus: { driver: 'modbus', transport: 'serial', path: join(folder.path, 'bus') } },
        devices: { 'unit-4': { connection: 'bus', unit: 4, profile: 'abb/b23' } },
      },
    });
  });

  test('its frames are shown, whole', async () => {
    const [asked, answered] = await weir('trace', 'modbus/3', 'input 0');
    expect(asked).toMatchObject({ direction: 'sent', bytes: expect.stringMatching(/^030400000001[0-9a-f]{4}$/) });
    expect(answered).toMatchObject({ direction: 'received', bytes: expect.stringMatching(/^030402[0-9a-f]{8}$/) });
  });

  test('unit 0 is every device: what is written is neither read back nor confirmed, and all of them have it', async () => {
    await using relays = await temporaryFolder();
    const line = join(relays.path, 'bus');
    const profile = 'waveshare/modbus-rtu-relay';
    await using _played = await startSimulating([profile, profile, '--unit', '1', '--pty', line, '--baud', '9600']);
    const at = ['--path', line, '--timeout', '500ms', '--json'];
    const { exit, stdout, stderr } = await runWeir(['device', 'write', 'modbus/0', 'coil 3', 'on', '--yes', ...at], {
      cwd: relays.path,
    });
    expect([exit, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      point: 'modbus/0 coil 3',
      before: null,
      written: 'on',
      after: null,
      confirmed: false,
    });
    for (const unit of ['modbus/1', 'modbus/2']) {
      const read = await runWeir(['device', 'read', unit, 'coil 3', ...at], { cwd: relays.path });
      expect(JSON.parse(read.stdout)).toMatchObject([{ value: true }]);
    }
  });
});
