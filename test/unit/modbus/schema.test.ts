import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../../drivers/modbus/connection-schema.ts';
import { deviceSchema, pointSchema } from '../../../drivers/modbus/schema.ts';
import { formatOf } from '../../../drivers/modbus/transport.ts';

function complaints(schema: z.ZodType, input: object): string {
  const { error } = schema.safeParse(input);
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n');
}

test('a connection needs no more than a host', () => {
  expect(connectionSchema.parse({ host: 'meter.example' })).toEqual({
    transport: 'tcp',
    host: 'meter.example',
    port: 502,
    timeout: 1_000,
    retries: 1,
    pause: 0,
    pipeline: 1,
  });
});

test('a serial connection needs no more than a path, and is set as the standard has it', () => {
  const settings = connectionSchema.parse({ transport: 'serial', path: '/dev/ttyS0' });
  expect(settings).toEqual({
    transport: 'serial',
    path: '/dev/ttyS0',
    framing: 'rtu',
    baud: 19_200,
    parity: 'even',
    timeout: 1_000,
    retries: 1,
    pause: 0,
    echo: false,
  });
});

describe('a character on the line is', () => {
  test.each([
    [{}, '19200 8 even 1'],
    [{ framing: 'ascii' }, '19200 7 even 1'],
    [{ parity: 'none' }, '19200 8 none 2'],
    [{ parity: 'none', stopBits: 1, baud: 9_600 }, '9600 8 none 1'],
    [{ framing: 'ascii', dataBits: 8, parity: 'odd' }, '19200 8 odd 1'],
  ])('%j: %s', (keys, expected) => {
    const settings = connectionSchema.parse({ transport: 'serial', path: '/dev/ttyS0', ...keys });
    if (settings.transport !== 'serial') throw new Error('serial');
    const { baud, dataBits, parity, stopBits } = formatOf(settings);
    expect(`${baud} ${dataBits} ${parity} ${stopBits}`).toBe(expected);
  });
});

test('a device is unit 1, in network order and counted from 0, unless it says otherwise', () => {
  expect(deviceSchema.parse({})).toEqual({ unit: 1, order: 'ABCD', base: 0, maxWords: 125, maxGap: 16 });
});

describe('a connection is refused with', () => {
  test.each([
    [
      { transport: 'serial', path: 'ttyUSB0' },
      'path: write the path of a serial port, e.g. /dev/serial/by-id/usb-FTDI_A10K-if00-port0',
    ],
    [{ transport: 'serial', path: '/dev/ttyS0', pipeline: 2 }, ': Unrecognized key: "pipeline"'],
    [{ transport: 'rtu-over-tcp', host: 'a', baud: 9_600 }, ': Unrecognized key: "baud"'],
    [{ host: 'a', timeout: '1 fortnight' }, 'timeout: "1 fortnight" is not a duration like 500ms, 10s, 5m, 2h or 30d'],
    [{ host: 'a', timeout: '1ms' }, 'timeout: 1ms is outside 10ms to 5m'],
    [{ host: 'tcp://a' }, 'host: write a host name or an IP address alone, e.g. 192.0.2.10'],
    [{ host: 'a', port: 70_000 }, 'port: Too big: expected number to be <=65535'],
    [{ host: 'a', baud: 9_600 }, ': Unrecognized key: "baud"'],
  ])('%j', (input, message) => expect(complaints(connectionSchema, input)).toBe(message));
});

describe('a device is refused with', () => {
  test.each([
    [{ unit: 256 }, 'unit: Too big: expected number to be <=255'],
    [{ base: 2 }, 'base: Invalid option: expected one of 0|1'],
    [{ maxWords: 126 }, 'maxWords: Too big: expected number to be <=125'],
    [{ order: 'DABC' }, 'order: Invalid option: expected one of "ABCD"|"CDAB"|"BADC"|"DCBA"'],
  ])('%j', (input, message) => expect(complaints(deviceSchema, input)).toBe(message));
});

describe('a point is', () => {
  test.each([
    [
      { read: 'holding 100', type: 'float32', order: 'CDAB' },
      { read: { table: 'holding', address: 100 }, type: { name: 'float32', words: 2 }, order: 'CDAB' },
    ],
    [
      { read: 'input 0x10', type: 'uint16' },
      { read: { table: 'input', address: 16 }, type: { name: 'uint16', words: 1 } },
    ],
    [{ read: 'coil 5' }, { read: { table: 'coil', address: 5 } }],
    [
      { read: ' Discrete  3 ', type: 'bool' },
      { read: { table: 'discrete', address: 3 }, type: { name: 'bool', words: 1 } },
    ],
    [
      { read: 'holding 65535', type: 'int16' },
      { read: { table: 'holding', address: 65_535 }, type: { name: 'int16', words: 1 } },
    ],
    [
      { read: 'holding 0', type: 'string(5)' },
      { read: { table: 'holding', address: 0 }, type: { name: 'string', characters: 5, words: 3 } },
    ],
    [
      { read: 'holding 0', type: 'bits(4..7)' },
      { read: { table: 'holding', address: 0 }, type: { name: 'bits', first: 4, last: 7, words: 1 } },
    ],
  ])('%j', (input, address) => expect(pointSchema.parse(input)).toEqual(address));
});

describe('a point is refused with', () => {
  test.each([
    [{ read: 'holding 70000', type: 'int16' }, 'read: 70000 is above 65535 (Modbus addresses have 16 bits)'],
    [{ read: 'holding 65535', type: 'int32' }, 'type: its last register 65536 is above 65535'],
    [
      { read: 'register 5', type: 'int16' },
      'read: "register 5" is no address: write coil, discrete, input or holding and a number, e.g. "holding 100" or "input 0x10"',
    ],
    [
      { read: 'holding -1', type: 'int16' },
      'read: "holding -1" is no address: write coil, discrete, input or holding and a number, e.g. "holding 100" or "input 0x10"',
    ],
    [{ read: 'holding 5' }, 'type: missing: a holding register needs a type, e.g. uint16, int32 or float32'],
    [{ read: 'coil 5', type: 'uint16' }, 'type: a coil is bool, not uint16'],
    [
      { read: 'holding 5', type: 'int8' },
      'type: "int8" is no type: known are bool, int16, uint16, bcd16, int32, uint32, float32, bcd32, int64, uint64, float64, string(n) with n characters, bits(a..b)',
    ],
    [{ read: 'holding 5', type: 'string(251)' }, 'type: string(251): one answer holds 1 to 250 characters'],
    [{ read: 'holding 5', type: 'string(0)' }, 'type: string(0): one answer holds 1 to 250 characters'],
    [{ read: 'holding 5', type: 'bits(3..1)' }, 'type: bits(3..1): a register has bits 0..15, the lower one first'],
    [{ read: 'holding 5', type: 'bits(0..16)' }, 'type: bits(0..16): a register has bits 0..15, the lower one first'],
    [{ read: 'holding 5', type: 'int16', ordr: 'ABCD' }, ': Unrecognized key: "ordr"'],
  ])('%j', (input, message) => expect(complaints(pointSchema, input)).toBe(message));
});

test.each([
  [
    { read: 'holding 0', type: 'bcd32' },
    { type: 'uint32', writable: true },
  ],
  [
    { read: 'holding 0', type: 'bits(0..1)' },
    { type: 'uint16', writable: true },
  ],
  [
    { read: 'input 0', type: 'float64' },
    { type: 'float64', writable: false },
  ],
  [
    { read: 'holding 0', type: 'string(4)' },
    { type: 'string', writable: true },
  ],
  [{ read: 'coil 0' }, { type: 'bool', writable: true }],
  [{ read: 'discrete 0' }, { type: 'bool', writable: false }],
])('%j is described as %j', (point, described) => {
  expect(modbus.describe(pointSchema.parse(point))).toEqual(described);
});

test('every key of the three schemas is described', () => {
  for (const schema of [...connectionSchema.options, deviceSchema, pointSchema]) {
    for (const [key, field] of Object.entries(schema.shape))
      expect([key, field.meta()?.description]).toEqual([key, expect.any(String)]);
  }
});
