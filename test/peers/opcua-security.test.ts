import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/collect/driver.ts';
import { systemClock } from '../../src/model/clock.ts';
import {
  certificateFacts,
  findCertificate,
  isRejectedByName,
  moveCertificate,
  storeCertificate,
  storedCertificates,
} from '../../src/wire/opcua-certificates.ts';
import { openPki, pkiFolder, renewPki } from '../../src/wire/opcua-pki.ts';
import { Authority, RSA_KEY } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { Ear, NEVER, OPEN, openOpcua } from '../support/opcua-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let plant: Plant;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  plant = await startPlant();
  await trustPlant();
  await using _first = await open({}); // the stack takes a while to load
}, 120_000);

afterAll(async () => {
  await plant[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function plantCertificate(): Promise<Buffer> {
  return new X509Certificate(await readFile(join(plant.folder, 'own/certs/certificate.pem'))).raw;
}

async function trustPlant(): Promise<void> {
  await storeCertificate(pkiFolder(folder.path, 'client'), await plantCertificate(), 'trusted');
}

const double = { double: { node: 'i=2258', type: 'string' } };

function open(connection: object, from = folder.path) {
  return openOpcua({ folder: from, connection: { endpoint: plant.endpoint, ...connection }, points: double });
}

describe.each([
  ['None', 'None'],
  ['Basic256Sha256', 'Sign'],
  ['Basic256Sha256', 'SignAndEncrypt'],
  ['Aes128_Sha256_RsaOaep', 'SignAndEncrypt'],
  ['Aes256_Sha256_RsaPss', 'SignAndEncrypt'],
])('%s, %s', (policy, mode) => {
  test('a value is read over a channel that is protected so', async () => {
    const security = policy === 'None' ? OPEN : { policy, mode };
    await using opened = await open({ security });
    const session = opened.session as Session;
    const [reading] = await session.read(opened.device, opened.device.points, NEVER);
    expect(reading).toMatchObject({ quality: 'good' });
    const identity = await session.identify?.(opened.device, NEVER);
    expect(identity?.facts).toContainEqual({ name: 'security', value: `${policy}, ${mode}` });
  });
});

test('a policy that the server has not is not replaced by another one', async () => {
  const security = { policy: 'Basic256', mode: 'Sign', allowInsecure: 'an old controller' };
  await expect(open({ security })).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringMatching(
      /no endpoint with Basic256\/Sign; it offers .*Basic256Sha256\/SignAndEncrypt/,
    ) as string,
  });
});

test('a server that nobody decided to trust is refused with its fingerprint and the command that trusts it', async () => {
  await using fresh = await temporaryFolder();
  const { fingerprint, thumbprint } = certificateFacts(await plantCertificate());
  const refused = await open({}, fresh.path).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ code: 'server-untrusted' });
  expect(String(refused)).toContain(fingerprint);
  expect(String(refused)).toContain(`weir opcua trust ${thumbprint.slice(0, 16)}`);

  const pki = pkiFolder(fresh.path, 'client');
  await moveCertificate(pki, await findCertificate(pki, thumbprint.slice(0, 16)), 'trusted');
  await using opened = await open({}, fresh.path);
  expect(opened.session).toBeDefined();
});

test('a certificate that has changed is refused by name, with both fingerprints', async () => {
  await using fresh = await temporaryFolder();
  const pki = pkiFolder(fresh.path, 'client');
  // What was trusted before is of the same application: the same name, another key.
  const before = await otherCertificate(fresh.path);
  await storeCertificate(pki, before, 'trusted');
  const refused = await open({}, fresh.path).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ code: 'server-untrusted' });
  expect(String(refused)).toContain('the certificate of urn:weir:test:plant has changed');
  expect(String(refused)).toContain(certificateFacts(before).fingerprint);
  expect(String(refused)).toContain(certificateFacts(await plantCertificate()).fingerprint);
});

/** Another certificate of the application that the plant says to be. */
async function otherCertificate(parent: string): Promise<Buffer> {
  await using pki = await openPki({ folder: join(parent, 'other'), name: 'plant', clock: systemClock });
  const file = join(parent, 'other.pem');
  await pki.manager.createSelfSignedCertificate({
    subject: '/CN=plant',
    startDate: new Date(Date.now() - 86_400_000),
    validity: 10,
    dns: [],
    applicationUri: 'urn:weir:test:plant',
    outputFile: file,
  });
  return new X509Certificate(await readFile(file)).raw;
}

test('trust that is withdrawn ends the session that stands, and the next one is refused', async () => {
  await using fresh = await temporaryFolder();
  const pki = pkiFolder(fresh.path, 'client');
  const { thumbprint, fingerprint } = certificateFacts(await plantCertificate());
  await storeCertificate(pki, await plantCertificate(), 'trusted');
  await using opened = await open({}, fresh.path);
  await using ear = new Ear(opened.session, opened.device);
  await ear.until(({ readings }) => readings.length > 0);

  await moveCertificate(pki, await findCertificate(pki, thumbprint), 'rejected');
  const untrusted = { code: 'server-untrusted', message: expect.stringContaining(fingerprint) as string };
  await expect(ear.ended).rejects.toMatchObject(untrusted);
  const session = opened.session as Session;
  await expect(session.read(opened.device, opened.device.points, NEVER)).rejects.toMatchObject(untrusted);
  await expect(open({}, fresh.path)).rejects.toMatchObject(untrusted);
});

function saying(text: string) {
  return { code: 'server-untrusted', message: expect.stringContaining(text) as string };
}

describe('a server whose certificate is of an authority', () => {
  let authority: Authority;
  let issued: Plant;
  let certificate: string;

  beforeAll(async () => {
    const place = join(folder.path, 'issued');
    await mkdir(join(place, 'own/certs'), { recursive: true });
    await mkdir(join(place, 'own/private'));
    authority = new Authority(place, 'authority', RSA_KEY);
    const made = authority.issue('DNS:localhost,URI:urn:weir:test:plant', 10, 0, RSA_KEY);
    ({ certificate } = made);
    await writeFile(join(place, 'own/certs/certificate.pem'), certificate);
    await writeFile(join(place, 'own/private/private_key.pem'), made.key);
    issued = await startPlant({ folder: place });
  }, 60_000);

  afterAll(() => issued[Symbol.asyncDispose]());

  /** Trusted by name, with what is known of its authority. */
  async function trusting(place: string, known: { readonly authority?: boolean; readonly list?: string }) {
    const pki = pkiFolder(place, 'client');
    await storeCertificate(pki, new X509Certificate(certificate).raw, 'trusted');
    await mkdir(join(pki, 'issuers/certs'), { recursive: true });
    await mkdir(join(pki, 'issuers/crl'));
    if (known.authority === true) await writeFile(join(pki, 'issuers/certs/authority.pem'), authority.certificate);
    if (known.list !== undefined) await writeFile(join(pki, 'issuers/crl/list.pem'), known.list);
    return { pki, list: join(pki, 'issuers/crl/list.pem'), open: () => open({ endpoint: issued.endpoint }, place) };
  }

  test('is refused by name where its authority is not known, or not what that has revoked', async () => {
    await using fresh = await temporaryFolder();
    const unknown = await trusting(join(fresh.path, 'unknown'), {});
    await expect(unknown.open()).rejects.toMatchObject(saying('put the certificate of CN=Weir test authority'));
    const listless = await trusting(join(fresh.path, 'listless'), { authority: true });
    await expect(listless.open()).rejects.toMatchObject(saying('issuers/crl'));
  });

  test('is let in as soon as its authority is trusted, until somebody rejects it by name', async () => {
    await using fresh = await temporaryFolder();
    const pki = pkiFolder(fresh.path, 'client');
    const connect = () => open({ endpoint: issued.endpoint }, fresh.path);
    await mkdir(join(pki, 'issuers/certs'), { recursive: true });
    await mkdir(join(pki, 'issuers/crl'));
    await writeFile(join(pki, 'issuers/certs/authority.pem'), authority.certificate);
    await writeFile(join(pki, 'issuers/crl/list.pem'), authority.revoke());
    await expect(connect()).rejects.toMatchObject(saying('the server is not trusted yet'));

    await writeFile(join(pki, 'trusted/certs/authority.pem'), authority.certificate);
    await using opened = await connect();
    await using ear = new Ear(opened.session, opened.device);
    await ear.until(({ readings }) => readings.length > 0);
    const { thumbprint } = certificateFacts(certificate);
    const waiting = await findCertificate(pki, thumbprint);
    expect(isRejectedByName(waiting)).toBe(false);

    await moveCertificate(pki, waiting, 'rejected');
    await expect(ear.ended).rejects.toMatchObject(saying('the server is trusted no more'));
    await expect(connect()).rejects.toMatchObject(saying('somebody rejected it by name'));
    const rejected = await findCertificate(pki, thumbprint);
    expect(isRejectedByName(rejected)).toBe(true);
    await moveCertificate(pki, rejected, 'trusted');
    await using again = await connect();
    expect(again.session).toBeDefined();
  });

  test('is rejected by name before anybody has seen it, and by name trusted again', async () => {
    await using fresh = await temporaryFolder();
    const { open: connect, pki } = await trusting(fresh.path, { authority: true, list: authority.revoke() });
    await writeFile(join(pki, 'trusted/certs/authority.pem'), authority.certificate);
    const { raw } = new X509Certificate(certificate);
    await storeCertificate(pki, raw, 'rejected');
    await expect(connect()).rejects.toMatchObject(saying('somebody rejected it by name'));
    await storeCertificate(pki, raw, 'trusted');
    await using opened = await connect();
    expect(opened.session).toBeDefined();
  });

  test('loses its session when a list comes that revokes it, and is refused by name', async () => {
    await using fresh = await temporaryFolder();
    const { open: connect, list } = await trusting(fresh.path, { authority: true, list: authority.revoke() });
    await using opened = await connect();
    await using ear = new Ear(opened.session, opened.device);
    await ear.until(({ readings }) => readings.length > 0);
    await writeFile(list, authority.revoke(certificate));
    await expect(ear.ended).rejects.toMatchObject(saying('has revoked it'));
    await expect(connect()).rejects.toMatchObject(saying('BadCertificateRevoked'));
  });
});

test('user and password: the right one is let in, a wrong one is named', async () => {
  const password = join(folder.path, 'password');
  await writeFile(password, 'right', { mode: 0o600 });
  await using opened = await open({ user: { name: 'weir', password: { file: password } } });
  expect(opened.session).toBeDefined();

  const wrong = join(folder.path, 'wrong');
  await writeFile(wrong, 'canary', { mode: 0o600 });
  const refused = await open({ user: { name: 'weir', password: { file: wrong } } }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({
    code: 'connection-failed',
    message: expect.stringContaining('refuses') as string,
  });
  expect(String(refused)).not.toContain('canary');
});

test('a user may prove by a certificate who he is', async () => {
  await using user = await openPki({ folder: join(folder.path, 'user'), name: 'operator', clock: systemClock });
  await using opened = await open({ user: { certificate: user.certificateFile, key: { file: user.privateKeyFile } } });
  expect(opened.session).toBeDefined();
});

test('where nobody listens the endpoint is named, at once', async () => {
  await expect(open({ endpoint: 'opc.tcp://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringContaining('opc.tcp://127.0.0.1:1') as string,
  });
});

test('as long as the clock is not set nobody is asked', async () => {
  const clock = new FakeClock({ wall: 0 });
  const opening = openOpcua({ folder: folder.path, connection: { endpoint: plant.endpoint }, clock });
  await expect(opening).rejects.toMatchObject({ message: expect.stringContaining('clock') as string });
});

test('without a folder for its keys it does not begin', async () => {
  const opening = openOpcua({ folder: undefined, connection: { endpoint: plant.endpoint } });
  await expect(opening).rejects.toMatchObject({ code: 'usage' });
});

test('an attempt that is given up leaves no session behind', async () => {
  const before = await plant.tell({ do: 'figures' });
  const abort = new AbortController();
  const opening = openOpcua({ folder: folder.path, connection: { endpoint: plant.endpoint } }, abort.signal);
  abort.abort(new Error('given up'));
  await expect(opening).rejects.toThrow('given up');
  expect(await plant.tell({ do: 'figures' })).toMatchObject({
    sessions: (before as { sessions: number }).sessions,
  });
});

test('a renewed certificate is used from the next connection on', async () => {
  await using fresh = await temporaryFolder();
  const pki = pkiFolder(fresh.path, 'client');
  await storeCertificate(pki, await plantCertificate(), 'trusted');
  await using first = await open({}, fresh.path);
  const renewed = await renewPki({ folder: pki, name: 'Weir', clock: systemClock });
  await using second = await open({}, fresh.path);
  expect([first, second]).toHaveLength(2);
  const seen = (await storedCertificates(plant.folder)).map(({ fingerprint }) => fingerprint);
  expect(seen).toContain(renewed.fingerprint);
});
