import { expect, test } from 'vitest';
import { faultsOf, loaded } from '../../support/configuration-files.ts';

const main = `
gateway: { id: g }
connections:
  a: { driver: toy, transport: tcp, host: a }
devices:
  # all of them in weir.d
`;
const device = (connection: string): string => `{ connection: ${connection}, points: { p: { read: input 1 } } }`;

test('fragments add to the sections of the main file, in the order of their names', async () => {
  const { configuration } = await loaded({
    'weir.yaml': main,
    'weir.d/20-last.yaml': `devices: { third: ${device('b')} }`,
    'weir.d/10-first.yaml': `connections: { b: { driver: toy, transport: tcp, host: b } }\ndevices: { first: ${device('a')}, second: ${device('b')} }`,
    'weir.d/30-empty.yaml': '# nothing yet',
    'weir.d/notes.txt': 'no: fragment: at: all',
    'weir.d/.hidden.yaml': 'no: fragment: at: all',
  });
  expect(configuration.connections.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(configuration.devices.map(({ id }) => id)).toEqual(['first', 'second', 'third']);
});

test('an id in two files is a fault that names both places', async () => {
  const { lines, code } = await faultsOf({
    'weir.yaml': main,
    'weir.d/more.yaml': `# more\nconnections:\n  a: { driver: toy, transport: tcp, host: b }`,
  });
  expect(lines).toEqual([
    'weir.d/more.yaml:3:3 connections.a: is already at weir.yaml:4:3; an id or key stands once in all files: rename or remove one of the two',
  ]);
  expect(code).toBe('configuration-invalid');
});

test('a key of a section in two files is a fault that names both places', async () => {
  const { lines } = await faultsOf({ 'weir.yaml': main, 'weir.d/more.yaml': 'gateway: { labels: {}, id: h }' });
  expect(lines).toEqual([
    'weir.d/more.yaml:1:24 gateway.id: is already at weir.yaml:2:12; an id or key stands once in all files: rename or remove one of the two',
  ]);
});

test('a section that is no map cannot be merged', async () => {
  const { lines } = await faultsOf({ 'weir.yaml': 'gateway: { id: g }', 'weir.d/more.yaml': 'gateway: h' });
  expect(lines).toEqual([
    'weir.d/more.yaml:1:1 gateway: is already at weir.yaml:1:1; an id or key stands once in all files: rename or remove one of the two',
  ]);
});

test('what is wrong in a fragment is said with its own place, and beside what is wrong elsewhere', async () => {
  const { lines } = await faultsOf({
    'weir.yaml': `${main}clok: {}`,
    'weir.d/a.yaml': 'devices:\n\td: {}',
    'weir.d/b.yaml': 'connections: { c: { driver: toy, transport: tcp } }',
    'weir.d/c.yaml': '- a list',
  });
  expect(lines).toEqual([
    'weir.d/a.yaml:2:1 a tab is used as indentation; indent with spaces',
    'weir.d/c.yaml:1:1 is not a map of keys; begin with gateway: { id: … }',
    'weir.yaml:7:1 clok: is no known key; did you mean clock?',
    'weir.d/b.yaml:1:16 connections.c.host: is missing; add it, e.g. 192.0.2.10',
  ]);
});
