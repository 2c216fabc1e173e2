import { expect, test } from 'vitest';
import { faultsOf, loaded } from '../../support/configuration-files.ts';

const G = 'gateway: { id: g }\nservers:\n';
const user = 'users: { a: { password: { file: a.secret } } }';
const files = { 'a.secret': 'open\n' };

test.each([
  [
    'another protocol',
    `  x: { protocol: bacnet, ${user} }`,
    'weir.yaml:3:18 servers.x.protocol: "bacnet" is none of opcua',
  ],
  ['no protocol', `  x: { ${user} }`, 'weir.yaml:3:3 servers.x.protocol: is missing; add one of opcua'],
  [
    'policy None without a reason',
    `  x: { protocol: opcua, security: { policies: [None] }, ${user} }`,
    'weir.yaml:3:48 servers.x.security.policies[0]: None neither signs nor encrypts; say why in allowInsecure, or remove it',
  ],
  [
    'an outdated policy',
    `  x: { protocol: opcua, security: { policies: [Basic256] }, ${user} }`,
    'weir.yaml:3:48 servers.x.security.policies[0]: "Basic256" is none of Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss, None',
  ],
  [
    'everybody without a reason',
    '  x: { protocol: opcua, security: { anonymous: true } }',
    'weir.yaml:3:48 servers.x.security.anonymous: lets everybody read; say why in allowInsecure, or remove it',
  ],
  [
    'nobody',
    '  x: { protocol: opcua }',
    'weir.yaml:3:3 servers.x.users: lets nobody in; add users: { NAME: { password: { file: PATH } } }',
  ],
  [
    'a password',
    '  x: { protocol: opcua, users: { a: { password: hunter2 } } }',
    "weir.yaml:3:49 servers.x.users.a.password: a secret must not stand in the configuration; put it in a file that only the gateway's user can read and write { file: PATH }, { credential: NAME } or { env: NAME }",
  ],
  [
    'a host that is none',
    `  x: { protocol: opcua, host: "opc.tcp://x", ${user} }`,
    'weir.yaml:3:31 servers.x.host: is no address of this machine; write e.g. 127.0.0.1, or 0.0.0.0 for all its addresses',
  ],
  [
    'one port twice',
    `  x: { protocol: opcua, ${user} }\n  y: { protocol: opcua, ${user} }`,
    'weir.yaml:4:3 servers.y.port: 4840 is the port of x already; take another one, e.g. 4841',
  ],
  [
    'a device that does not exist',
    `  x: { protocol: opcua, ${user}, select: { device: [boiler] } }`,
    'weir.yaml:3:92 servers.x.select.device[0]: there is no device boiler',
  ],
])('%s', async (_what, text, expected) => {
  const { lines } = await faultsOf({ 'weir.yaml': `${G}${text}\n`, ...files });
  expect(lines).toEqual([expected]);
});

test('a missing password file is named, once for all who need it', async () => {
  const { lines, code } = await faultsOf({ 'weir.yaml': `${G}  x: { protocol: opcua, ${user} }\n` });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/servers\.x\.users\.a\.password: file .*a\.secret does not exist/);
  expect(code).toBe('secret-unavailable');
});

test('a server listens at this machine alone, signed and for named users, unless it is told otherwise', async () => {
  const { configuration, folder } = await loaded({ 'weir.yaml': `${G}  x: { protocol: opcua, ${user} }\n`, ...files });
  expect(configuration.servers).toEqual([
    {
      name: 'x',
      protocol: 'opcua',
      host: '127.0.0.1',
      port: 4840,
      security: {
        policies: ['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'],
        modes: ['Sign', 'SignAndEncrypt'],
        anonymous: false,
        allowInsecure: undefined,
      },
      users: { a: { password: { file: `${folder}/a.secret` }, write: false } },
      select: {},
      sessions: 10,
    },
  ]);
});
