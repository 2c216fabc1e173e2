import { expect, test } from 'vitest';
import { faultsOf } from '../../support/configuration-files.ts';

const G = 'gateway: { id: g }\n';
const C = `${G}connections: { c: { driver: toy, transport: tcp, host: h } }\n`;
const connection = (keys: string): string => `${G}connections: { c: { ${keys} } }`;
const device = (keys: string): string =>
  `${C}devices: { d: { connection: c, points: { p: { read: input 1 } }, ${keys} } }`;

/** What is written, and the one line that is said about it. */
const rows: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an unknown key of a connection',
    connection('driver: toy, transport: tcp, host: h, prot: 502'),
    'weir.yaml:2:59 connections.c.prot: is no known key; did you mean port?',
  ],
  [
    'a key of another variant of a connection',
    connection('driver: toy, transport: serial, path: /dev/x, host: h'),
    'weir.yaml:2:67 connections.c.host: is no key of this transport; transport tcp has it',
  ],
  [
    'an unknown key of a device',
    device('unti: 3'),
    'weir.yaml:3:66 devices.d.unti: is no known key; did you mean unit?',
  ],
  [
    'connections as a list',
    `${G}connections:\n  - driver: toy`,
    'weir.yaml:3:3 connections: a list is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'a connection that is a text',
    `${G}connections: { c: modbus }`,
    'weir.yaml:2:19 connections.c: a text is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'a connection with a slash in its id',
    `${G}connections: { a/c: { driver: toy, transport: tcp, host: h } }`,
    'weir.yaml:2:16 connections.a/c: "a/c" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  [
    'a duration of astronomical length',
    device('every: 999999999999999d'),
    'weir.yaml:3:73 devices.d.every: "999999999999999d" is not a duration like 500ms, 10s, 5m, 2h or 30d',
  ],
  [
    'a port above 65535',
    connection('driver: toy, transport: tcp, host: h, port: 70000'),
    'weir.yaml:2:65 connections.c.port: 70000 is above 65535; allowed are 1 to 65535',
  ],
  [
    'a port of 0',
    connection('driver: toy, transport: tcp, host: h, port: 0'),
    'weir.yaml:2:65 connections.c.port: 0 is below 1; allowed are 1 to 65535',
  ],
  [
    'a port as text',
    connection('driver: toy, transport: tcp, host: h, port: "502"'),
    'weir.yaml:2:65 connections.c.port: "502" is not a number; remove the quotes',
  ],
  [
    'half a port',
    connection('driver: toy, transport: tcp, host: h, port: 502.5'),
    'weir.yaml:2:65 connections.c.port: 502.5 is not a whole number',
  ],
  [
    'a number no double holds',
    connection('driver: toy, transport: tcp, host: h, port: 99999999999999999999'),
    'weir.yaml:2:65 connections.c.port: 99999999999999999999 is beyond exact numbers; the limit is 9007199254740991',
  ],
  ['a polling faster than 10 ms', device('every: 1ms'), 'weir.yaml:3:73 devices.d.every: 1ms is outside 10ms to 366d'],
  [
    'a domain that is none',
    device('domain: enrgy'),
    'weir.yaml:3:74 devices.d.domain: "enrgy" is none of energy, water, mobility, health, buildings, city; did you mean energy?',
  ],
  [
    'a unit address above 255',
    device('unit: 256'),
    'weir.yaml:3:72 devices.d.unit: 256 is above 255; allowed are 0 to 255',
  ],
  [
    'no driver',
    connection('transport: tcp, host: h'),
    'weir.yaml:2:16 connections.c.driver: is missing; add it, e.g. modbus',
  ],
  [
    'an unknown driver',
    connection('driver: tyo, transport: tcp, host: h'),
    'weir.yaml:2:29 connections.c.driver: there is no driver tyo; did you mean toy?',
  ],
  [
    'a driver named like an inherited property',
    connection('driver: toString, transport: tcp, host: h'),
    'weir.yaml:2:29 connections.c.driver: there is no driver toString; known are toy, other',
  ],
  [
    'an unknown variant',
    connection('driver: toy, transport: tpc, host: h'),
    'weir.yaml:2:45 connections.c.transport: "tpc" is none of tcp, serial; did you mean tcp?',
  ],
  [
    'no variant',
    connection('driver: toy, host: h'),
    'weir.yaml:2:16 connections.c.transport: is missing; add one of tcp, serial',
  ],
  [
    'a missing key of the driver',
    connection('driver: toy, transport: tcp'),
    'weir.yaml:2:16 connections.c.host: is missing; add it, e.g. 192.0.2.10',
  ],
  [
    'a device without a connection',
    `${C}devices: { d: { points: { p: { read: input 1 } } } }`,
    'weir.yaml:3:12 devices.d.connection: is missing; add it, e.g. switchroom',
  ],
  [
    'a device on a connection that is not there',
    `${C}devices: { d: { connection: cc, points: { p: { read: input 1 } } } }`,
    'weir.yaml:3:29 devices.d.connection: there is no connection cc; did you mean c?',
  ],
  [
    'a device without points',
    `${C}devices:\n  d:\n    connection: c`,
    'weir.yaml:4:3 devices.d.points: are missing; name a profile, or write points',
  ],
  [
    'a device whose points are none',
    `${C}devices: { d: { connection: c, points: {} } }`,
    'weir.yaml:3:32 devices.d.points: are missing; name a profile, or write points',
  ],
];

test.each(rows)('%s is one clear fault at its place', async (_what, yaml, line) => {
  expect(await faultsOf({ 'weir.yaml': yaml })).toEqual({ lines: [line], code: 'configuration-invalid' });
});
