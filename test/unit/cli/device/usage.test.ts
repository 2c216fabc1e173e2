import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTree } from '../../../../src/cli.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

// What is wrong before anything is connected: nobody listens on any of these connections.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'weir.yaml');
  const points = {
    voltage: { read: 'input 0', type: 'float32', unit: 'V' },
    setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } },
  };
  const configuration = {
    gateway: { id: 'test' },
    journal: { path: './journal' },
    connections: {
      basement: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: 9 },
      spare: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: 19 },
    },
    devices: { boiler: { connection: 'basement', unit: 7, points } },
  };
  await writeFile(file, JSON.stringify(configuration));
});

afterAll(() => folder[Symbol.asyncDispose]());

const run = async (words: readonly string[]): Promise<unknown> =>
  (await commandTree()).parseAsync(['node', 'weir', '--config', file, ...words]);

describe('wrong usage is refused before anything is connected, and told', () => {
  test.each([
    [
      'a unit that is missing',
      ['read', 'basement', 'holding 100'],
      'basement: which unit? Write basement/ and its number',
    ],
    ['a unit that cannot be', ['read', 'basement/300', 'holding 100', '--type', 'int16'], '300 is above 255'],
    ['a connection that is not there', ['read', 'cellar/7', 'holding 100'], 'there is no connection cellar; '],
    [
      'a point, which is named behind its device',
      ['read', 'boiler/voltage'],
      'boiler is a device, of the connection basement; one of its points is read by `weir device read boiler --point NAME`',
    ],
    [
      'a driver without a place',
      ['read', 'modbus/7', 'holding 1'],
      'modbus is a driver: say where, with --host or --path',
    ],
    [
      'a driver that is not there',
      ['read', 'modbos/7', 'holding 1', '--host', 'x'],
      'no driver modbos; did you mean modbus?',
    ],
    [
      'two connections',
      ['read', 'modbus/7', 'holding 1', '--host', 'x', '--path', '/dev/ttyS0'],
      'are two connections',
    ],
    [
      'a changed connection',
      ['read', 'basement/7', 'holding 1', '--timeout', '5s'],
      '--timeout needs --host or --path',
    ],
    ['a changed line', ['watch', 'boiler', '--baud', '9600'], '--baud needs --host or --path'],
    ['a changed port to scan', ['scan', 'basement', '--port', '1502'], '--port needs --host or --path'],
    [
      'a connection key that is not there',
      ['read', 'modbus/7', 'holding 1', '--host', 'x', '--with', 'pauze=1s'],
      'did you mean pause?',
    ],
    [
      'a table that is not there',
      ['read', 'basement/7', 'register 1'],
      '"register 1" is no address: write coil, discrete, input',
    ],
    [
      'a type that is not there',
      ['read', 'basement/7', 'holding 1', '--type', 'float'],
      '"float" is no type: known are',
    ],
    [
      'an order that is not there',
      ['read', 'basement/7', 'holding 1', '--type', 'int32', '--order', 'ABDC'],
      'did you mean ABCD?',
    ],
    ['a scale that is none', ['read', 'basement/7', 'holding 1', '--scale', '0'], 'It must be a number other than 0'],
    [
      'a place without an address',
      ['read', 'basement/7'],
      'basement/7: name an address to be read there, e.g. "holding 100"',
    ],
    ['a type without an address', ['read', 'boiler', '--type', 'int16'], 'boiler: name an address to be read there'],
    [
      'points beside an address',
      ['read', 'boiler', 'holding 1', '--point', 'voltage'],
      '--point is for configured points',
    ],
    [
      'two ways to read',
      ['read', 'boiler', 'holding 1', '--all-orders', '--count', '2'],
      "option '--all-orders' cannot be used with",
    ],
    [
      'all orders of two addresses',
      ['read', 'boiler', 'holding 1', 'holding 2', '--all-orders'],
      'reads one address at a time',
    ],
    ['registers beyond the last', ['read', 'boiler', 'holding 65535', '--count', '2'], '65536 is above 65535'],
    ['no connection to scan', ['scan', 'cellar'], 'there is no connection cellar'],
    ['a driver to scan', ['scan', 'modbus'], 'modbus is a driver: say where, with --host or --path'],
    [
      'a range that is none',
      ['scan', 'basement', '--units', '1-'],
      'It must be whole numbers from 0 to 65535, like 1-32,40; "1-" is none.',
    ],
    ['two ranges', ['scan', 'basement', '--units', '1', '--address', '2'], 'cannot be used with'],
    [
      'a parity that is none',
      ['scan', 'basement', '--parity', 'mark'],
      'It must be some of none, even, odd; "mark" is none.',
    ],
    ['a baud that is none', ['scan', 'basement', '--baud', 'fast'], '"fast" is none'],
    ['no device to identify', ['identify', 'cellar'], 'there is no connection cellar'],
    ['no point to watch', ['watch', 'boiler', '--point', 'heat'], 'there is no point boiler/heat'],
    ['no address to watch', ['watch', 'basement/7'], 'basement/7: name an address to be watched there'],
    ['too short a period', ['watch', 'boiler', '--every', '1ms'], 'It must be from 100ms to 1h.'],
    ['no point to write', ['write', 'boiler/heat', '1', '--yes'], 'there is no point boiler/heat'],
    [
      'a device to write',
      ['write', 'boiler', '1', '--yes'],
      'boiler is no point of the configuration: write device/point',
    ],
    ['no device to write', ['write', 'pump/speed', '1', '--yes'], 'there is no device pump; there are: boiler'],
    [
      'an address without its type',
      ['write', 'basement/7', 'holding 120', '1', '--yes'],
      'type: missing: a holding register needs a type',
    ],
    [
      'an address that is only read',
      ['write', 'basement/7', 'input 0', '1', '--type', 'int16', '--yes'],
      'input 0 can only be read',
    ],
    ['a value too many', ['write', 'basement/7', 'holding', '120', '5', '--yes'], 'write one value at a time'],
    ['nobody to confirm', ['write', 'boiler/setpoint', '20'], 'nobody is there to confirm: give --yes'],
  ])('%s', async (_what, words, message) => {
    await expect(run(['device', ...words])).rejects.toThrow(message);
  });

  test.each([
    ['nothing to be seen', ['basement'], 'no gateway polls basement, so there would be nothing to see: add --poll'],
    ['nothing to poll', ['spare', '--poll'], '--poll: no device is configured on spare'],
    ['no connection', ['cellar'], 'there is no connection cellar'],
    ['a time that is none', ['basement', '--for', 'ever'], 'It must be a duration like'],
  ])('a trace of %s', async (_what, words, message) => {
    await expect(run(['trace', ...words])).rejects.toThrow(message);
  });
});
