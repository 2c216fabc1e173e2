import { expect, test } from 'vitest';
import type { Driver } from '../../../src/collect/driver.ts';
import { formatFault } from '../../../src/config/fault.ts';
import { checkConfiguration } from '../../../src/config/load.ts';
import { drivers } from '../../../src/drivers.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { writeFiles, type Files } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDriver } from '../../support/toy-driver.ts';

const C = 'gateway: { id: g }\nconnections: { c: { driver: modbus, host: h } }\n';
const PROFILE = `driver: modbus
vendor: V
model: M
description: a meter
document: { title: T, revision: '1' }
verified: document
points:
  p: { read: holding 0, type: uint16 }
`;
const HINT = '; change the point, or the keys of its device';

async function linesOf(files: Files, loaders: Record<string, () => Promise<Driver>> = drivers) {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const { configuration, faults } = await checkConfiguration(`${folder.path}/weir.yaml`, loaders);
  expect(configuration === undefined).toBe(faults.length > 0);
  return faults.map((fault) => formatFault(fault).replaceAll(`${folder.path}/`, ''));
}

const onePoint: Driver['plan'] = (_connection, { id }, points) => {
  if (points.length > 1) throw new GatewayError('configuration-invalid', `${id} has one point at most`);
  return { requests: [], busTime: 0 };
};

const device = (keys: string, read: string): Files => ({
  'weir.yaml': `${C}devices:\n  d:\n    { connection: c, ${keys}points: { ok: { read: coil 7 }, p: { read: ${read} } } }\n`,
});

test('the check finds a device that nobody can read, and says so once', async () => {
  const serial = C.replace('host: h', 'transport: serial, path: /dev/ttyS0');
  const points = '{ a: { read: coil 7 }, b: { read: coil 8 } }';
  const files = { 'weir.yaml': `${serial}devices:\n  d: { connection: c, unit: 0, points: ${points} }\n` };
  expect(await linesOf(files)).toEqual([
    `weir.yaml:4:3 devices.d: unit 0 is the broadcast of a serial line: all units hear it and none answers, so it cannot be read${HINT}`,
  ]);
});

test.each([
  [
    'a register 0 where the device counts from 1',
    'base: 1, ',
    'holding 0, type: uint16',
    'with base 1 there is no holding 0',
  ],
  [
    'a value longer than an answer of the device',
    'maxWords: 1, ',
    'holding 4, type: float32',
    "needs 2 registers in one answer, but the device's maxWords is 1",
  ],
  [
    'a text longer than an answer of the device',
    'maxWords: 8, ',
    'input 4, type: string(40)',
    "needs 20 registers in one answer, but the device's maxWords is 8",
  ],
])('the check finds what would stop the daemon: %s', async (_, keys, read, message) => {
  const files = device(keys, read);
  const column = (files['weir.yaml']?.split('\n')[4]?.indexOf(read.split(',')[0] ?? '') ?? 0) + 1;
  expect(await linesOf(files)).toEqual([`weir.yaml:5:${column} devices.d.points.p.read: ${message}${HINT}`]);
  expect(await linesOf(device('', read))).toEqual([]);
});

test('a point of a profile is shown where the profile has it', async () => {
  const lines = await linesOf({
    'weir.yaml': `${C}devices: { d: { connection: c, profile: v/m, base: 1 }, e: { connection: c, profile: v/m } }\n`,
    'profiles/v/m.yaml': PROFILE,
  });
  expect(lines).toEqual([`profiles/v/m.yaml:8:14 devices.d.points.p.read: with base 1 there is no holding 0${HINT}`]);
});

test('a device whose connection is wrong is not planned', async () => {
  const files = device('base: 1, ', 'holding 0, type: uint16');
  const lines = await linesOf({ 'weir.yaml': files['weir.yaml']?.replace('host: h', 'prot: 1, host: h') ?? '' });
  expect(lines).toEqual([expect.stringContaining('connections.c.prot: is no known key')]);
});

test('what only all points together make impossible is told of the device', async () => {
  const text = `gateway: { id: g }
connections: { c: { driver: toy, transport: tcp, host: h } }
devices:
  d: { connection: c, points: { a: { read: input 1 }, b: { read: input 2 } } }
`;
  const loaders = { toy: () => Promise.resolve({ ...toyDriver, plan: onePoint }) };
  expect(await linesOf({ 'weir.yaml': text }, loaders)).toEqual([
    `weir.yaml:4:3 devices.d: d has one point at most${HINT}`,
  ]);
});
