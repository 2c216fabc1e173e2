import { describe, expect, test } from 'vitest';
import { drivers } from '../../../src/drivers.ts';
import { faultsOf } from '../../support/configuration-files.ts';

// Of the drivers themselves: what would end a gateway right after its start has to be found before.

const KEY = '000102030405060708090a0b0c0d0e0f';

function configuration(connection: string, ...devices: readonly string[]): string {
  const lines = devices.map((keys, index) => `  m${index + 1}: { connection: line, ${keys} }`);
  return ['gateway: { id: g }', `connections: { line: { ${connection} } }`, 'devices:', ...lines, ''].join('\n');
}

const ON_TCP = 'transport: tcp, host: 127.0.0.1, port: 4059';

describe('a key that is none is refused with its place, and not repeated:', () => {
  test.each([
    ['mbus', `driver: mbus, ${ON_TCP}`, 'key: { file: a.secret }', '4:27 devices.m1.key'],
    [
      'dlms',
      `driver: dlms, ${ON_TCP}, framing: wrapper`,
      'systemTitle: "5745495200000001", keys: { encryption: { file: a.secret } }',
      '4:68 devices.m1.keys.encryption',
    ],
    ['p1', `driver: p1, ${ON_TCP}, key: { file: a.secret }`, 'every: 10s', '2:81 connections.line.key'],
  ])('%s', async (_driver, connection, device, place) => {
    const text = configuration(connection, device);
    const { lines, code } = await faultsOf({ 'weir.yaml': text, 'a.secret': 'canary' }, drivers);
    expect(lines).toEqual([
      `weir.yaml:${place}: file a.secret is no key: write 16 bytes as 32 hexadecimal digits; as whoever runs the meter gave it to you`,
    ]);
    expect(code).toBe('secret-unavailable');
    expect(await faultsOf({ 'weir.yaml': text, 'a.secret': KEY }, drivers)).toMatchObject({ lines: [] });
  });
});

describe('what is right by itself and not together is refused at the device:', () => {
  test.each([
    [
      'dlms, without its password',
      [`driver: dlms, ${ON_TCP}, framing: wrapper`, 'association: lls'],
      'weir.yaml:4:3 devices.m1: association lls needs a `password`',
    ],
    [
      'dlms, pushed by meters that nothing tells apart',
      [`driver: dlms, ${ON_TCP}, framing: wrapper, mode: push`, 'meter: "4b464d1020000001"', 'every: 10s'],
      'weir.yaml:5:3 devices.m2: several meters push over one connection: give each its system title, as `meter`',
    ],
    [
      'p1, two meters at one port',
      [`driver: p1, ${ON_TCP}`, 'every: 10s', 'every: 10s'],
      'weir.yaml:5:3 devices.m2: a P1 port belongs to one meter; those behind it are points of the same device',
    ],
    [
      'sml, two meters without ids',
      [`driver: sml, ${ON_TCP}`, 'server: "0a01484c590200000001"', 'every: 10s'],
      'weir.yaml:5:3 devices.m2: several meters on one line are told apart by their `server`, which this one lacks',
    ],
    [
      'iec62056-21, two meters that push',
      [`driver: iec62056-21, ${ON_TCP}, mode: D`, 'every: 10s', 'every: 10s'],
      'weir.yaml:5:3 devices.m2: in mode D one meter alone speaks on a line, and nothing tells it from another',
    ],
  ])('%s', async (_what, [connection = '', ...devices], line) => {
    const text = configuration(connection, ...devices);
    expect(await faultsOf({ 'weir.yaml': text }, drivers)).toEqual({ lines: [line], code: 'configuration-invalid' });
  });

  test('and at the connection where it is that', async () => {
    const text = configuration(`driver: dlms, ${ON_TCP}, framing: mbus`, 'every: 10s');
    const { lines } = await faultsOf({ 'weir.yaml': text }, drivers);
    expect(lines).toEqual([
      'weir.yaml:2:16 connections.line: over M-Bus meters only push: write `mode: push`, or another framing',
    ]);
  });
});
