import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineDriver } from '../../../src/collect/driver.ts';
import { checkConfiguration, loadConfiguration } from '../../../src/config/load.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { secretSchema } from '../../../src/model/secret.ts';
import { readSecret } from '../../../src/wire/secrets.ts';
import { tlsSchema } from '../../../src/wire/tls-settings.ts';
import { faultsIn, loaded, writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CANARY = 'correct-horse-battery';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a secret comes from a file, a credential or the environment, without the newline at its end', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, {
    'a.secret': `${CANARY}\n`,
    'b.secret': `${CANARY}\r\n`,
    'c.secret': ` ${CANARY}\n\n`,
  });
  vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path);
  vi.stubEnv('WEIR_TEST_SECRET', CANARY);
  expect(await readSecret({ file: join(folder.path, 'a.secret') })).toBe(CANARY);
  expect(await readSecret({ file: join(folder.path, 'b.secret') })).toBe(CANARY);
  expect(await readSecret({ file: join(folder.path, 'c.secret') })).toBe(` ${CANARY}\n`);
  expect(await readSecret({ credential: 'a.secret' })).toBe(CANARY);
  expect(await readSecret({ env: 'WEIR_TEST_SECRET' })).toBe(CANARY);
});

const G = 'gateway: { id: g }\n';
const withPassword = (reference: string): string =>
  `${G}destinations: { x: { url: "mqtt://h", user: { name: u, password: ${reference} } } }`;

const forms = '{ file: PATH }, { credential: NAME } or { env: NAME }';

type Row = readonly [what: string, reference: string, prepare: (folder: string) => Promise<void>, trouble: string];

const rows: readonly Row[] = [
  ['a file that is not there', '{ file: missing }', async () => undefined, 'file missing does not exist'],
  [
    'a file that everybody can read',
    '{ file: open }',
    (folder) => writeFile(join(folder, 'open'), CANARY, { mode: 0o644 }),
    'file open can be read by others (mode 0644): chmod 0600 open',
  ],
  [
    'a file that the group can write',
    '{ file: shared }',
    async (folder) => {
      await writeFile(join(folder, 'shared'), CANARY);
      await chmod(join(folder, 'shared'), 0o620);
    },
    'file shared can be read by others (mode 0620): chmod 0600 shared',
  ],
  [
    'a folder',
    '{ file: folder }',
    async (folder) => {
      await mkdir(join(folder, 'folder'));
    },
    'file folder is no file',
  ],
  [
    'an empty file',
    '{ file: empty.secret }',
    (folder) => writeFiles(folder, { 'empty.secret': '\n' }),
    'file empty.secret is empty',
  ],
  [
    'a file larger than any secret',
    '{ file: large.secret }',
    (folder) => writeFiles(folder, { 'large.secret': 'x'.repeat(70_000) }),
    'file large.secret has 70000 bytes, at most 65536 make sense',
  ],
  [
    'a variable that is not set',
    '{ env: WEIR_TEST_UNSET }',
    async () => undefined,
    'environment variable WEIR_TEST_UNSET is not set',
  ],
  [
    'a credential outside of a service',
    '{ credential: centre }',
    async () => undefined,
    'credential centre is not there: systemd provides it to the service with LoadCredential=',
  ],
];

test.each(rows)('%s is no secret', async (_what, reference, prepare, trouble) => {
  vi.stubEnv('CREDENTIALS_DIRECTORY', undefined);
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': withPassword(reference) });
  await prepare(folder.path);
  expect(await faultsIn(folder.path)).toEqual({
    lines: [
      `weir.yaml:2:56 destinations.x.user.password: ${trouble}; it must be there and readable for this user only`,
    ],
    code: 'secret-unavailable',
  });
});

const writtenOut = `a secret must not stand in the configuration; put it in a file that only the gateway's user can read and write ${forms}`;
const noReference = `is no reference to a secret; write ${forms}`;

test.each([
  ['a secret in plain sight', CANARY, writtenOut],
  ['a number as a secret', '4711', writtenOut],
  ['a reference with an unknown key', `{ value: ${CANARY} }`, noReference],
  ['a reference to two places', `{ env: A, file: ${CANARY} }`, noReference],
  ['a credential outside its folder', '{ credential: ../key }', 'is no name of a credential'],
  ['a variable that is an assignment', `{ env: "PASSWORD=${CANARY}" }`, 'is no name of a variable'],
])('%s is refused without being repeated', async (_what, reference, words) => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': withPassword(reference) });
  const { lines, code } = await faultsIn(folder.path);
  expect(lines).toEqual([expect.stringMatching(/^weir\.yaml:2:\d+ destinations\.x\.user\.password/)]);
  expect(lines[0]).toContain(words);
  expect(lines.join('\n')).not.toContain(CANARY);
  expect(code).toBe('configuration-invalid');
});

test.each([
  ['an unknown key', `destinations: { x: { url: "mqtt://h", pasword: ${CANARY} } }`],
  ['a url', `destinations: { x: { url: "mqtt://u:${CANARY}@h" } }`],
  ['what should be a map', `destinations: { x: { url: "mqtt://h", user: "u:${CANARY}" } }`],
  ['a path', `destinations: { x: { url: "mqtts://h", tls: { ca: "-----BEGIN\\n${CANARY}" } } }`],
  ['a line that is no YAML', `destinations: { x: { url: "mqtt://h", password: @${CANARY}`],
  ['an open quote', `destinations: { x: { password: "${CANARY}`],
])('a secret in %s is not repeated', async (_what, yaml) => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': G + yaml });
  const { lines } = await faultsIn(folder.path);
  expect(lines).not.toEqual([]);
  expect(lines.join('\n')).not.toContain(CANARY);
});

test('certificates are looked for too', async () => {
  await using folder = await temporaryFolder();
  const tls = 'tls: { ca: ca.pem, certificate: gw.pem, key: { file: gw.secret } }';
  await writeFiles(folder.path, {
    'weir.yaml': `${G}destinations: { x: { url: "mqtts://h", ${tls} } }`,
    'gw.pem': 'certificate',
    'gw.secret': 'key',
  });
  expect(await faultsIn(folder.path)).toEqual({
    lines: [
      'weir.yaml:2:51 destinations.x.tls.ca: ca.pem is not there or not readable; name a PEM file that this user can read',
    ],
    code: 'configuration-invalid',
  });
});

// A driver whose connections and devices have secrets.
const guarded = defineDriver({
  name: 'guarded',
  schemas: {
    connection: z.strictObject({ host: z.string(), tls: tlsSchema('device') }),
    device: z.strictObject({ password: secretSchema }),
    point: z.strictObject({ read: z.string() }),
  },
  describe: () => ({ type: 'int16', writable: false }),
  open: () => Promise.reject(new GatewayError('connection-failed', 'nobody is there')),
});
const drivers = { guarded: () => Promise.resolve(guarded) };

const referring = `${G}connections:
  line:
    driver: guarded
    host: h
    tls: { ca: ca.pem, certificate: gw.pem, key: { file: gw.secret } }
devices:
  meter: { connection: line, every: 1s, password: { file: meter.secret }, points: { p: { read: input 1 } } }
`;

test('secrets and certificates of connections and devices are looked for too', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': referring, 'ca.pem': 'authority' });
  const { faults } = await checkConfiguration(join(folder.path, 'weir.yaml'), drivers);
  const missing = faults.map(({ line, key, message }) => `${line} ${key} ${message.replaceAll(`${folder.path}/`, '')}`);
  expect(missing).toEqual([
    '6 connections.line.tls.certificate gw.pem is not there or not readable',
    '6 connections.line.tls.key file gw.secret does not exist',
    '8 devices.meter.password file meter.secret does not exist',
  ]);
});

test('what connections and devices refer to begins in the folder of the configuration', async () => {
  await using folder = await temporaryFolder();
  const inFolder = (name: string): string => join(folder.path, name);
  await writeFiles(folder.path, { 'weir.yaml': referring });
  const { connections, devices } = await loadConfiguration(inFolder('weir.yaml'), drivers, { secrets: 'unchecked' });
  expect(connections[0]?.settings).toEqual({
    host: 'h',
    tls: {
      ca: inFolder('ca.pem'),
      certificate: inFolder('gw.pem'),
      key: { file: inFolder('gw.secret') },
      minimum: '1.3',
    },
  });
  expect(devices[0]?.settings).toEqual({ password: { file: inFolder('meter.secret') } });
});

test('whoever only wants to know the configuration needs no secret', async () => {
  const { configuration, folder } = await loaded(
    { 'weir.yaml': withPassword('{ file: missing }') },
    { secrets: 'unchecked' },
  );
  expect(configuration.destinations[0]?.user?.password).toEqual({ file: join(folder, 'missing') });
});

test('an unavailable secret is an error that names where it should be', async () => {
  const reading = readSecret({ env: 'WEIR_TEST_UNSET' });
  await expect(reading).rejects.toBeInstanceOf(GatewayError);
  await expect(reading).rejects.toMatchObject({ code: 'secret-unavailable' });
});
