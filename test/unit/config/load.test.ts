import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkConfiguration, loadConfiguration } from '../../../src/config/load.ts';
import { drivers as shippedDrivers } from '../../../src/drivers.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { faultsOf, loaded, writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDrivers } from '../../support/toy-driver.ts';

const C =
  'gateway: { id: g, labels: { city: geneva, floor: "0" } }\nconnections: { c: { driver: toy, transport: tcp, host: h } }\n';

test('defaults are filled in, durations are milliseconds and sizes bytes', async () => {
  const { configuration, folder } = await loaded({
    'weir.yaml': `${C}destinations: { x: { url: "mqtt://h" } }`,
  });
  expect(configuration).toEqual({
    file: join(folder, 'weir.yaml'),
    gateway: { id: 'g', labels: { city: 'geneva', floor: '0' } },
    journal: { path: '/var/lib/weir', keep: { size: 2 ** 31, age: 30 * 86_400_000 }, commit: 1_000 },
    clock: { trusted: false, hold: 600_000 },
    control: { socket: '/run/weir/control.sock' },
    audit: { path: '/var/lib/weir/audit.log', size: 16 * 2 ** 20 },
    connections: [{ id: 'c', driver: 'toy', settings: { transport: 'tcp', host: 'h', port: 502 } }],
    devices: [],
    servers: [],
    destinations: [
      {
        name: 'x',
        url: 'mqtt://h',
        failover: [],
        protocol: undefined,
        user: undefined,
        tls: undefined,
        format: 'json',
        options: {},
        compress: 'none',
        select: {},
        health: 60_000,
        keepAlive: 30_000,
        window: 16,
        timeout: 10_000,
        reconnect: { spread: 3000 },
        backlog: 'oldest-first',
        rate: undefined,
        schedule: undefined,
        budget: undefined,
      },
    ],
  });
});

test('a point gets what its device and the gateway have in common', async () => {
  const { configuration } = await loaded({
    'weir.yaml': `${C}
devices:
  d:
    connection: c
    unit: 7
    every: 30s
    domain: water
    class: billing
    labels: { floor: "3" }
    points:
      plain: { read: holding 1 }
      own: { read: input 2, type: string, every: 1m, class: bulk, kind: gauge, quantity: serial-number, obis: 0-0:96.1.0 }
      pump: { read: holding 3, labels: { 0: off, 1: on }, write: { values: [0, 1] } }
      door: { read: input 4, type: bool }
      text: { read: input 5, type: string }`,
  });
  const [device] = configuration.devices;
  expect(device).toMatchObject({ id: 'd', connection: 'c', profile: undefined, settings: { unit: 7, order: 'AB' } });
  const common = { device: 'd', domain: 'water', labels: { city: 'geneva', floor: '3' }, class: 'billing' };
  expect(device?.points.map(({ definition }) => definition)).toEqual([
    { ...common, id: 'd/plain', name: 'plain', type: 'uint16', kind: 'gauge' },
    {
      ...common,
      id: 'd/own',
      name: 'own',
      type: 'string',
      kind: 'gauge',
      class: 'bulk',
      quantity: 'serial-number',
      obis: '0-0:96.1.0',
    },
    {
      ...common,
      id: 'd/pump',
      name: 'pump',
      type: 'uint16',
      kind: 'state',
      states: { 0: 'off', 1: 'on' },
      write: { values: [0, 1] },
    },
    { ...common, id: 'd/door', name: 'door', type: 'bool', kind: 'state' },
    { ...common, id: 'd/text', name: 'text', type: 'string', kind: 'text' },
  ]);
  expect(device?.points.map(({ every }) => every)).toEqual([30_000, 60_000, 30_000, 30_000, 30_000]);
  expect(device?.points[0]?.address).toEqual({ read: { table: 'holding', number: 1 }, type: 'uint16' });
});

test('a definition has no keys without a value, so that the journal can compare it', async () => {
  const { configuration } = await loaded({
    'weir.yaml': `${C}devices: { d: { connection: c, points: { p: { read: input 1 } } } }`,
  });
  const definition = configuration.devices[0]?.points[0]?.definition;
  expect(Object.keys(definition ?? {})).toEqual(['id', 'device', 'name', 'type', 'kind', 'class', 'labels']);
});

test.each([
  ['uint16', '', 'uint16'],
  ['uint16', 'scale: 0.1', 'float64'],
  ['uint16', 'scale: 10', 'int64'],
  ['uint16', 'offset: -40', 'int64'],
  ['uint16', 'offset: 0.5', 'float64'],
  ['uint64', 'scale: 10', 'uint64'],
  ['uint16', 'decimals: 1', 'float64'],
  ['float32', '', 'float32'],
  ['float32', 'decimals: 1', 'float64'],
  ['float32', 'scale: 1000', 'float64'],
  ['bool', '', 'bool'],
])('a raw %s with "%s" travels as %s', async (raw, keys, type) => {
  const { configuration } = await loaded({
    'weir.yaml': `${C}devices: { d: { connection: c, points: { p: { read: input 1, type: ${raw}, ${keys} } } } }`,
  });
  expect(configuration.devices[0]?.points[0]?.definition.type).toBe(type);
});

test('numbers are those that were written', async () => {
  const { configuration } = await loaded({
    'weir.yaml': `${C}
devices:
  d:
    connection: c
    points:
      p:
        read: input 1
        type: uint64
        scale: 0.1
        offset: -0.30000000000000004
        min: 1e-7
        max: 12345.6789
        deadband: 0x10
        invalid: [0xFFFF, -32768, 18446744073709551615, 0xFFFFFFFFFFFFFFFE, "n/a", 1.5]`,
  });
  expect(configuration.devices[0]?.points[0]?.processing).toEqual({
    scale: 0.1,
    offset: -0.30000000000000004,
    min: 1e-7,
    max: 12345.6789,
    deadband: 16,
    decimals: undefined,
    invalid: [65_535, -32_768, '18446744073709551615', '18446744073709551614', 'n/a', 1.5],
  });
});

test('relative paths begin in the folder of the main file', async () => {
  const { configuration, folder } = await loaded({
    'weir.yaml': `gateway: { id: g }
journal: { path: journal }
destinations:
  x:
    url: mqtts://h
    user: { name: u, password: { file: secrets/password.secret } }
    tls: { ca: ca.pem, certificate: ./gw.pem, key: { file: gw.secret } }`,
    'secrets/password.secret': 'x',
    'ca.pem': 'x',
    'gw.pem': 'x',
    'gw.secret': 'x',
  });
  expect(configuration.journal.path).toBe(join(folder, 'journal'));
  expect(configuration.control.socket).toBe(join(folder, 'journal/control.sock'));
  expect(configuration.destinations[0]).toMatchObject({
    user: { name: 'u', password: { file: join(folder, 'secrets/password.secret') } },
    tls: { ca: join(folder, 'ca.pem'), certificate: join(folder, 'gw.pem'), key: { file: join(folder, 'gw.secret') } },
  });
});

test('a label can be selected by one value or several', async () => {
  const { configuration } = await loaded({
    'weir.yaml': `${C}destinations: { x: { url: "mqtt://h", select: { label: { city: geneva, floor: ["1", "2"] } } } }`,
  });
  expect(configuration.destinations[0]?.select).toEqual({ label: { city: ['geneva'], floor: ['1', '2'] } });
});

test('a byte order mark, Windows line ends, aliases and numeric ids are no fault', async () => {
  const yaml = `${C}devices:
  007: &meter { connection: c, points: { 1: { read: input 1 } } }
  08: *meter
  "9": *meter`;
  const { configuration } = await loaded({ 'weir.yaml': `\uFEFF${yaml.replaceAll('\n', '\r\n')}` });
  expect(configuration.devices.map(({ id }) => id).sort()).toEqual(['007', '08', '9']);
  expect(configuration.devices[0]?.points[0]?.definition.name).toBe('1');
});

test('a fault behind a byte order mark and Windows line ends has its place all the same', async () => {
  const { lines } = await faultsOf({ 'weir.yaml': '\uFEFFgateway: { id: g, x: 1 }\r\nclock:\r\n  y: 2\r\n' });
  expect(lines).toEqual([
    'weir.yaml:1:19 gateway.x: is no known key; known are id, labels',
    'weir.yaml:3:3 clock.y: is no known key; known are trusted, hold',
  ]);
});

test('every fault is said, in the order of the file', async () => {
  const { lines } = await faultsOf({
    'weir.yaml': `gateway: { id: g, lables: {} }
connections: { c: { driver: toy, transport: tcp, host: h, port: 0 } }
devices: { d: { connection: c, unit: 300, evry: 1s, points: { p: { raed: input 1, scale: 0 } } } }
destinations: { x: { url: h } }`,
  });
  expect(lines).toEqual([
    'weir.yaml:1:19 gateway.lables: is no known key; did you mean labels?',
    'weir.yaml:2:65 connections.c.port: 0 is below 1; allowed are 1 to 65535',
    'weir.yaml:3:38 devices.d.unit: 300 is above 255; allowed are 0 to 255',
    'weir.yaml:3:43 devices.d.evry: is no known key; did you mean every?',
    'weir.yaml:3:63 devices.d.points.p.read: is missing; add it, e.g. holding 100',
    'weir.yaml:3:68 devices.d.points.p.raed: is no known key; did you mean read?',
    'weir.yaml:3:90 devices.d.points.p.scale: a scale of 0 makes every value 0; remove the line, or write e.g. 0.1',
    'weir.yaml:4:27 destinations.x.url: is no url of a broker; write e.g. mqtts://broker.example:8883',
  ]);
});

test('the error names the faults as the check lists them', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': 'gateway: { id: g, x: 1, y: 2 }' });
  const file = join(folder.path, 'weir.yaml');
  const { faults } = await checkConfiguration(file, toyDrivers);
  expect(faults[0]).toEqual({
    file,
    line: 1,
    column: 19,
    code: 'configuration-invalid',
    key: 'gateway.x',
    message: 'is no known key',
    hint: 'known are id, labels',
  });
  const loading = loadConfiguration(file, toyDrivers);
  await expect(loading).rejects.toBeInstanceOf(GatewayError);
  await expect(loading).rejects.toThrow(/^\S+weir\.yaml:1:19 gateway\.x: .*\n\S+weir\.yaml:1:25 gateway\.y: .*$/);
});

test('only the drivers that are named are loaded', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': C });
  const drivers = { ...toyDrivers, heavy: () => Promise.reject(new Error('loaded for nothing')) };
  const configuration = await loadConfiguration(join(folder.path, 'weir.yaml'), drivers);
  expect(configuration.connections).toHaveLength(1);
});

test('a Modbus address or port of more than 16 bits is refused by name', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, {
    'weir.yaml': `gateway: { id: g }
connections: { c: { driver: modbus, host: h, port: 70000 } }
devices: { d: { connection: c, points: { p: { read: holding 70000, type: uint16 } } } }`,
  });
  const { faults } = await checkConfiguration(join(folder.path, 'weir.yaml'), shippedDrivers);
  expect(faults.map(({ line, key, message }) => `${line} ${key}: ${message}`)).toEqual([
    '2 connections.c.port: 70000 is above 65535',
    '3 devices.d.points.p.read: 70000 is above 65535 (Modbus addresses have 16 bits)',
  ]);
});
