import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../../../src/config/load.ts';
import { effectiveDocument, formatDocument } from '../../../src/config/show.ts';
import { drivers } from '../../../src/drivers.ts';
import { writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDrivers } from '../../support/toy-driver.ts';

const CANARY = 'correct-horse-battery';

const files = {
  'weir.yaml': `gateway: { id: g }
journal: { path: /var/lib/weir, keep: { age: 10d } }
connections: { c: { driver: toy, transport: serial, path: /dev/x } }
devices:
  d:
    connection: c
    profile: acme/m1
    points:
      flow: { scale: 0.01, invalid: [18446744073709551615] }
      volume: null
destinations:
  x: { url: "mqtt://h", user: { name: u, password: { file: password.secret } } }
`,
  'weir.d/more.yaml':
    'devices: { e: { connection: c, unit: 2, points: { p: { read: holding 1, labels: { 0: "off" } } } } }',
  'profiles/acme/m1.yaml': `driver: toy
vendor: Acme
model: M1
description: A meter
document: { title: Manual, revision: "1" }
verified: document
domain: water
device: { order: BA }
points:
  flow: { read: holding 10, type: uint64, unit: m3/h }
  volume: { read: holding 20, unit: m3 }
`,
  'password.secret': CANARY,
};

test('the effective document merges everything, fills the defaults in and keeps secrets as references', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  expect(await effectiveDocument(join(folder.path, 'weir.yaml'), toyDrivers)).toEqual({
    gateway: { id: 'g', labels: {} },
    journal: { path: '/var/lib/weir', keep: { size: '2GiB', age: '10d' }, commit: '1s' },
    clock: { trusted: false, hold: '10m' },
    control: { socket: '/run/weir/control.sock' },
    audit: { path: '/var/lib/weir/audit.log', size: '16MiB' },
    connections: { c: { driver: 'toy', transport: 'serial', path: '/dev/x' } },
    devices: {
      d: {
        connection: 'c',
        profile: 'acme/m1',
        every: '10s',
        domain: 'water',
        labels: {},
        class: 'normal',
        unit: 1,
        order: 'BA',
        points: {
          flow: {
            read: 'holding 10',
            type: 'uint64',
            unit: 'm3/h',
            scale: 0.01,
            invalid: ['18446744073709551615'],
          },
          volume: null,
        },
      },
      e: {
        connection: 'c',
        every: '10s',
        labels: {},
        class: 'normal',
        unit: 2,
        order: 'AB',
        points: { p: { read: 'holding 1', labels: { 0: 'off' } } },
      },
    },
    servers: {},
    destinations: {
      x: {
        url: 'mqtt://h',
        failover: [],
        user: { name: 'u', password: { file: 'password.secret' } },
        format: 'json',
        compress: 'none',
        select: {},
        health: '1m',
        keepAlive: '30s',
        reconnect: { spread: '3s' },
        window: 16,
        timeout: '10s',
        backlog: 'oldest-first',
      },
    },
  });
});

test('what is shown means the same when it is loaded, as YAML and as JSON', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const original = await loadConfiguration(join(folder.path, 'weir.yaml'), toyDrivers);
  const document = await effectiveDocument(join(folder.path, 'weir.yaml'), toyDrivers);
  const { 'weir.yaml': _main, 'weir.d/more.yaml': _more, ...rest } = files;
  for (const text of [formatDocument(document), JSON.stringify(document)]) {
    await using copy = await temporaryFolder();
    await writeFiles(copy.path, { ...rest, 'weir.yaml': text });
    const shown = await loadConfiguration(join(copy.path, 'weir.yaml'), toyDrivers);
    const inFolder = JSON.stringify(shown).replaceAll(copy.path, folder.path);
    expect(JSON.parse(inFolder)).toEqual(JSON.parse(JSON.stringify(original)));
  }
});

test('the keys of a connection are those of its transport, also where one variant has several transports', async () => {
  await using folder = await temporaryFolder();
  const network = '{ driver: modbus, transport: udp, host: h }';
  const serial = '{ driver: modbus, transport: serial, path: /dev/x, baud: 9600 }';
  const connections = `{ network: ${network}, serial: ${serial} }`;
  await writeFiles(folder.path, {
    'weir.yaml': `gateway: { id: g }\njournal: { path: /j }\nconnections: ${connections}\n`,
  });
  const waits = { timeout: '1s', retries: 1, pause: '0ms' };
  const { connections: shown } = await effectiveDocument(join(folder.path, 'weir.yaml'), drivers);
  expect(shown).toEqual({
    network: { driver: 'modbus', transport: 'udp', host: 'h', port: 502, ...waits, pipeline: 1 },
    serial: {
      driver: 'modbus',
      transport: 'serial',
      path: '/dev/x',
      framing: 'rtu',
      baud: 9600,
      parity: 'even',
      ...waits,
      echo: false,
    },
  });
});

test('as YAML each point takes one line, and no secret is shown', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const text = formatDocument(await effectiveDocument(join(folder.path, 'weir.yaml'), toyDrivers));
  expect(text).toContain('\n      p: { read: holding 1, labels: { "0": off } }\n');
  expect(text).not.toContain(CANARY);
});

test('showing needs no secret, but a configuration that is right', async () => {
  await using folder = await temporaryFolder();
  const { 'password.secret': _password, ...rest } = files;
  await writeFiles(folder.path, rest);
  expect(await effectiveDocument(join(folder.path, 'weir.yaml'), toyDrivers)).toHaveProperty('gateway.id', 'g');
  await writeFiles(folder.path, { 'weir.yaml': 'clock: {}' });
  await expect(effectiveDocument(join(folder.path, 'weir.yaml'), toyDrivers)).rejects.toMatchObject({
    code: 'configuration-invalid',
  });
});
