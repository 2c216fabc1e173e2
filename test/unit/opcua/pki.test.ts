import { X509Certificate } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/model/clock.ts';
import {
  certificateFacts,
  findCertificate,
  moveCertificate,
  storeCertificate,
  storedCertificates,
} from '../../../src/wire/opcua-certificates.ts';
import { loadOpcua } from '../../../src/wire/opcua-library.ts';
import { openPki, renewPki } from '../../../src/wire/opcua-pki.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// It takes a while, and more on a busy machine.
beforeAll(() => loadOpcua(), 120_000);

const DAY = 86_400_000;

function settings(parent: string) {
  return { folder: join(parent, 'opcua/client'), name: 'Weir', clock: systemClock };
}

test('key and certificate are made once: RSA-2048, SHA-256, for this host and application, private', async () => {
  await using parent = await temporaryFolder();
  await using pki = await openPki(settings(parent.path));
  const certificate = new X509Certificate(await readFile(pki.certificateFile));
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(certificate.signatureAlgorithm).toBe('sha256WithRSAEncryption');
  expect(certificate.subjectAltName).toBe(`DNS:${hostname()}, URI:urn:${hostname()}:Weir`);
  expect(pki.applicationUri).toBe(`urn:${hostname()}:Weir`);
  expect((await stat(pki.privateKeyFile)).mode & 0o777).toBe(0o600);
  expect((await stat(pki.folder)).mode & 0o777).toBe(0o700);
  expect(pki.manager.automaticallyAcceptUnknownCertificate).toBe(false);

  await using again = await openPki(settings(parent.path));
  expect(new X509Certificate(await readFile(again.certificateFile)).fingerprint256).toBe(certificate.fingerprint256);
});

test('two that open the folder at the same time get the same certificate', async () => {
  await using parent = await temporaryFolder();
  const opened = await Promise.all([1, 2, 3].map(() => openPki(settings(parent.path))));
  const own = (await storedCertificates(opened[0]?.folder ?? '')).filter(({ store }) => store === 'own');
  expect(own).toHaveLength(1);
  for (const pki of opened) await pki[Symbol.asyncDispose]();
});

test('as long as the clock is not set no certificate is made', async () => {
  await using parent = await temporaryFolder();
  const clock = new FakeClock({ wall: 0 });
  await expect(openPki({ ...settings(parent.path), clock })).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringContaining('says 1970-01-01T00:00:00.000Z') as string,
  });
  expect(await storedCertificates(join(parent.path, 'opcua/client'))).toEqual([]);
});

test('a folder that cannot be made is named', async () => {
  await expect(openPki(settings('/dev/null'))).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringContaining('/dev/null/opcua/client') as string,
  });
});

test('renewing makes another key and certificate for the same application, and keeps those before', async () => {
  await using parent = await temporaryFolder();
  await using before = await openPki(settings(parent.path));
  const old = certificateFacts(await readFile(before.certificateFile));
  const fresh = await renewPki(settings(parent.path));
  expect(fresh.fingerprint).not.toBe(old.fingerprint);
  expect(fresh.applicationUri).toBe(old.applicationUri);
  const names = (await storedCertificates(before.folder)).map(({ fingerprint }) => fingerprint);
  expect(names.sort()).toEqual([fresh.fingerprint, old.fingerprint].sort());
});

test('a certificate whose key was lost is made anew', async () => {
  await using parent = await temporaryFolder();
  const { fingerprint, keyFile } = await (async () => {
    await using pki = await openPki(settings(parent.path));
    return { ...certificateFacts(await readFile(pki.certificateFile)), keyFile: pki.privateKeyFile };
  })();
  await rm(keyFile);
  await using pki = await openPki(settings(parent.path));
  expect(certificateFacts(await readFile(pki.certificateFile)).fingerprint).not.toBe(fingerprint);
});

test('facts of a certificate: names, validity, both fingerprints', async () => {
  await using parent = await temporaryFolder();
  await using pki = await openPki(settings(parent.path));
  const facts = certificateFacts(await readFile(pki.certificateFile));
  expect(facts).toMatchObject({
    subject: expect.stringContaining('CN=Weir') as string,
    issuer: facts.subject,
    applicationUri: `urn:${hostname()}:Weir`,
    hosts: [hostname()],
  });
  expect(Math.round((facts.validTo - facts.validFrom) / DAY)).toBe(3650);
  expect(facts.validFrom).toBeLessThan(systemClock.wall());
  expect(facts.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(facts.thumbprint).toMatch(/^[0-9A-F]{40}$/);
});

test('trust is a decision: unknown is refused and kept, trusted is accepted, rejected is refused again', async () => {
  await using parent = await temporaryFolder();
  await using stranger = await openPki({ ...settings(parent.path), folder: join(parent.path, 'stranger') });
  const certificate = new X509Certificate(await readFile(stranger.certificateFile)).raw;
  const own = settings(parent.path);
  const verdict = async (): Promise<string> => {
    await using pki = await openPki(own);
    return (await pki.manager.checkCertificate(certificate)).name;
  };
  const { fingerprint, thumbprint } = certificateFacts(certificate);

  expect(await verdict()).toBe('BadCertificateUntrusted');
  const found = await findCertificate(own.folder, thumbprint.slice(0, 8).toLowerCase());
  expect(found).toMatchObject({ store: 'rejected', fingerprint });

  await moveCertificate(own.folder, found, 'trusted');
  expect(await verdict()).toBe('Good');
  await moveCertificate(own.folder, await findCertificate(own.folder, fingerprint), 'rejected');
  expect(await verdict()).toBe('BadCertificateUntrusted');

  await storeCertificate(own.folder, certificate, 'trusted');
  expect(await verdict()).toBe('Good');
  expect((await storedCertificates(own.folder)).filter((each) => each.fingerprint === fingerprint)).toHaveLength(1);
});

test('what names no certificate, or more than one, is refused', async () => {
  await using parent = await temporaryFolder();
  const { folder } = settings(parent.path);
  await expect(findCertificate(folder, 'AB:CD')).rejects.toMatchObject({ code: 'usage' });
  await expect(findCertificate(folder, 'AB:CD:EF:01')).rejects.toMatchObject({
    message: `no certificate in ${folder} has the fingerprint AB:CD:EF:01`,
  });
});
