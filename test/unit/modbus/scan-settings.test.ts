import { expect, test } from 'vitest';
import { connectionSchema } from '../../../drivers/modbus/connection-schema.ts';
import { scanSettings } from '../../../drivers/modbus/scan-settings.ts';
import type { ScanRange } from '../../../src/collect/driver.ts';

function settings(connection: object, range: ScanRange = {}): ReturnType<typeof scanSettings> {
  return scanSettings(connectionSchema.parse(connection), range);
}

const LINE = { transport: 'serial', path: '/dev/ttyUSB0', baud: 19_200, parity: 'none' };

const ALL: ScanRange = { allSettings: true };

test('a line is tried at its own settings alone, unless more is asked for', () => {
  expect(settings(LINE)).toMatchObject([{ name: '19200 8N2', changed: {} }]);
});

test('at all usual settings each once, its own first', () => {
  const tried = settings(LINE, ALL);
  expect(tried.slice(0, 5).map(({ name, changed }) => [name, changed])).toEqual([
    ['19200 8N2', {}],
    ['19200 8E1', { parity: 'even' }],
    ['19200 8O1', { parity: 'odd' }],
    ['9600 8N2', { baud: 9_600 }],
    ['9600 8E1', { baud: 9_600, parity: 'even' }],
  ]);
  expect(tried).toHaveLength(8 * 3);
  expect(new Set(tried.map(({ name }) => name)).size).toBe(tried.length);
});

test('at an unusual baud too, where it has one', () => {
  expect(settings({ ...LINE, baud: 300 }, ALL)).toHaveLength(9 * 3);
});

test('what the technician names is all that is tried; its own settings first if they are among that', () => {
  const range: ScanRange = { bauds: [4_800, 19_200], parities: ['even', 'none'] };
  expect(settings({ ...LINE, stopBits: 1 }, range).map(({ name }) => name)).toEqual([
    '19200 8N1',
    '4800 8E1',
    '4800 8N1',
    '19200 8E1',
  ]);
});

test('what is not named is tried as usual, where all is asked for', () => {
  const names = settings(LINE, { ...ALL, bauds: [9_600] }).map(({ name }) => name);
  expect(names).toEqual(['9600 8N2', '9600 8E1', '9600 8O1']);
});

test('each is a connection as it would be configured', () => {
  const [, second] = settings(LINE, ALL);
  expect(second?.settings).toEqual(connectionSchema.parse({ ...LINE, parity: 'even' }));
});

test('a line of ASCII frames has seven bits', () => {
  expect(settings({ ...LINE, framing: 'ascii', parity: 'even' })[0]?.name).toBe('19200 7E1');
});

test('a network has no settings but its own', () => {
  expect(settings({ transport: 'tcp', host: '192.0.2.1' })).toMatchObject([{ name: 'tcp', changed: {} }]);
});
