import { expect, test } from 'vitest';
import { mbus } from '../../../drivers/mbus/driver.ts';
import type { ScanRange } from '../../../src/collect/driver.ts';
import { connectionSchema } from '../../../drivers/mbus/connection-schema.ts';

const [first] = mbus.recognitions ?? [];

test('an unknown line is greeted as all its meters at once, at the usual bauds', () => {
  expect(mbus.recognitions?.map(({ line }) => line.baud)).toEqual([2_400, 9_600, 300]);
  expect(Buffer.from(first?.question ?? []).toString('hex')).toBe('1040fe3e16');
});

test.each([
  ['e5', true],
  ['e5e5e5', true], // several meters, one after the other
  ['1040fe3e16e5', true], // an adapter that echoes
  ['1040fe3e16', false],
  ['ffe5', false],
  ['e5ff', false],
  ['', false],
])('of %s heard, that it is M-Bus is %s', (heard, isMbus) => {
  const recognised = first?.recognise(Buffer.from(heard, 'hex'));
  expect(recognised?.serial).toEqual(isMbus ? { transport: 'serial', baud: 2_400 } : undefined);
});

test('what it proposes is a connection that the driver takes', () => {
  const recognised = first?.recognise(Buffer.from('e5', 'hex'));
  const { serial, network, device } = recognised ?? {};
  expect(connectionSchema.safeParse({ ...serial, path: '/dev/ttyUSB0' }).success).toBe(true);
  expect(connectionSchema.safeParse({ ...network, host: '192.0.2.10', port: 10_001 }).success).toBe(true);
  expect(mbus.schemas.device.safeParse(device).success).toBe(true);
});

test('a scan is made at the bauds that are asked for, the own one first', () => {
  const serial = connectionSchema.parse({ transport: 'serial', path: '/dev/ttyUSB0', baud: 9_600 });
  const names = (range: ScanRange): readonly string[] =>
    (mbus.scanSettings?.(serial, range) ?? []).map(({ name }) => name);
  expect(names({})).toEqual(['9600 8E1']);
  expect(names({ bauds: [300, 9_600] })).toEqual(['9600 8E1', '300 8E1']);
  expect(names({ allSettings: true }).slice(0, 3)).toEqual(['9600 8E1', '2400 8E1', '300 8E1']);
  const network = connectionSchema.parse({ host: '192.0.2.10' });
  expect(mbus.scanSettings?.(network, { bauds: [300] }).map(({ changed }) => changed)).toEqual([{}]);
});
