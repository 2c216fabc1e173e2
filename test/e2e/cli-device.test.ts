import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { askWeir } from '../support/kept-weir.ts';
import type { Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meter: InstanceType<typeof modbusSerial.ServerTCP>;

const LAST_REGISTER = 19;

/** A meter at unit 7 whose input registers 0…19 hold ten times their address; it refuses all others, and is silent to coils. */
const registers = {
  getInputRegister: (address: number): Promise<number> =>
    // oxlint-disable-next-line prefer-promise-reject-errors -- how modbus-serial is told the exception code
    address > LAST_REGISTER ? Promise.reject({ modbusErrorCode: 2 }) : Promise.resolve(address * 10),
};

async function startMeter(port: number): Promise<void> {
  meter = new modbusSerial.ServerTCP(registers, { host: '127.0.0.1', port, unitID: 7 });
  await once(meter, 'initialized');
}

/** Runs `weir` over a configuration with one meter and a device that nobody plays. */
const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

beforeEach(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  await startMeter(port);
  const points = {
    voltage: { read: 'input 2', type: 'uint16', scale: 0.1, unit: 'V' },
    energy: { read: 'input 0', type: 'uint32', unit: 'kW.h', kind: 'counter' },
    absent: { read: 'input 300', type: 'uint16' },
  };
  const configuration = {
    gateway: { id: 'test' },
    journal: { path: './journal' },
    connections: {
      switchroom: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port, timeout: '200ms' },
      nobody: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: await freePort() },
    },
    devices: {
      'main-meter': { connection: 'switchroom', unit: 7, every: '10s', points },
      mute: { connection: 'switchroom', unit: 7, every: '10s', points: { on: { read: 'coil 3' } } },
      pump: { connection: 'nobody', unit: 1, every: '1m', points: { on: { read: 'coil 0' } } },
    },
  };
  await writeFile(join(folder.path, 'weir.yaml'), JSON.stringify(configuration));
});

afterEach(async () => {
  await new Promise((resolve) => meter.close(resolve));
  await folder[Symbol.asyncDispose]();
});

describe('weir device list', () => {
  test('shows each device with its connection, points and period', async () => {
    const { exit, stdout } = await weir('device', 'list');
    expect([exit, stdout.split('\n')]).toEqual([
      0,
      [
        'id          connection  profile  points  every',
        'main-meter  switchroom                3    10s',
        'mute        switchroom                1    10s',
        'pump        nobody                    1     1m',
        '',
      ],
    ]);
  });

  test('tells programs the same', async () => {
    const { stdout } = await weir('device', 'list', '--json');
    expect(JSON.parse(stdout)).toContainEqual({
      id: 'main-meter',
      connection: 'switchroom',
      profile: null,
      every: [10_000],
      points: ['voltage', 'energy', 'absent'],
    });
  });

  test('shows what each poll asks of the bus', async () => {
    const { exit, stdout } = await weir('device', 'list', '--plan');
    expect([exit, stdout]).toEqual([
      0,
      expect.stringMatching(/^pump every 1m: 1 request, 5 ms on the bus\n  coil 0 \(1 bit, 1 point\)$/m),
    ]);
    const [, , pump] = JSON.parse((await weir('device', 'list', '--plan', '--json')).stdout);
    expect(pump).toMatchObject({ id: 'pump', connection: 'nobody', polls: [{ every: 60_000, busTime: 5 }] });
  });
});

describe('weir device read, without a daemon', () => {
  test('shows every point, in the order of the configuration; what the device refuses is bad, with the reason', async () => {
    const { exit, stdout } = await weir('device', 'read', 'main-meter');
    expect([exit, stdout.split('\n')]).toEqual([
      0,
      [
        'point                 value  quality',
        'main-meter/voltage      2 V  good',
        'main-meter/energy    10 kWh  good',
        'main-meter/absent   refused  bad',
        '',
      ],
    ]);
  });

  test('reads only the points it is asked for, by either name, as JSON where asked', async () => {
    const points = ['--point', 'energy', 'main-meter/voltage'];
    const { exit, stdout } = await weir('device', 'read', 'main-meter', ...points, '--json');
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect([exit, JSON.parse(stdout)]).toEqual([
      0,
      [
        { point: 'main-meter/voltage', value: 2, unit: 'V', quality: 'good', time },
        { point: 'main-meter/energy', value: 10, unit: 'kW.h', quality: 'good', time },
      ],
    ]);
  });

  test('fails where not one point has a value, and says why', async () => {
    const { exit, stdout, stderr } = await weir('device', 'read', 'main-meter', '--point', 'absent');
    expect([exit, stdout]).toEqual([1, expect.stringMatching(/absent +refused +bad/)]);
    expect(stderr).toContain('weir: device main-meter has given no value at all: refused\n→ Compare address, type');
  });

  test('says so when nobody answers, with what was tried', async () => {
    const { exit, stdout, stderr } = await weir('device', 'read', 'mute');
    expect([exit, stdout]).toEqual([69, expect.stringMatching(/mute\/on +no-answer +bad/)]);
    expect(stderr).toContain('no answer within 200 ms');
    expect(stderr).toContain('weir: device mute does not answer\n→ Check the unit address');
  });

  test.each([
    ['a device that is not configured', ['boiler'], 64, 'there is no device boiler; there are: main-meter, mute, pump'],
    ['a point that it has not', ['pump', '--point', 'heat'], 64, 'there is no point pump/heat'],
    ['a connection that cannot be made', ['pump'], 69, 'refuses the connection'],
  ])('%s is an error', async (_what, words, code, message) => {
    const { exit, stdout, stderr } = await weir('device', 'read', ...words);
    expect([exit, stdout, stderr]).toEqual([code, '', expect.stringContaining(message)]);
  });
});
