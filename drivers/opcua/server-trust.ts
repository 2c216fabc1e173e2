import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import {
  certificateFacts,
  isRejectedIn,
  storedCertificates,
  type CertificateFacts,
} from '../../src/wire/opcua-certificates.ts';
import type { Pki } from '../../src/wire/opcua-pki.ts';
import type { Endpoint } from '../../src/wire/opcua-endpoints.ts';

/**
 * Whether this is the server that somebody decided to trust. Rejects with `server-untrusted` that names both where it
 * shows another certificate than before, and the command that changes the decision.
 */
export async function requireTrust({ serverCertificate, server }: Endpoint, pki: Pki): Promise<void> {
  const facts = factsOf(serverCertificate);
  const verdict = await pki.manager.checkCertificate(serverCertificate);
  if (verdict.isNotGood()) throw await untrusted(facts, verdict.name, pki);
  // Part 4, 6.1.3: a certificate speaks for the application that it names, and for no other.
  if (facts.applicationUri !== server.applicationUri) {
    const names = `it names ${facts.applicationUri ?? 'none'}, the server says ${server.applicationUri ?? 'none'}`;
    throw new GatewayError('server-untrusted', `the certificate of the server is for another application: ${names}`);
  }
}

// Milliseconds between two looks at what was decided: whoever withdraws trust sees the session end.
const LOOK_EVERY = 2_000;

/** Where decisions are, and the lists of authorities. */
const decisions = ['trusted/certs', 'trusted/crl', 'rejected', 'issuers/certs', 'issuers/crl'];

/** A session ends with its connection for these: what ends by itself was told of for weeks. */
const outOfTime = ['BadCertificateTimeInvalid', 'BadCertificateIssuerTimeInvalid'];

/**
 * Resolves with `server-untrusted` once the server of a session that stands is trusted no more: somebody rejected it,
 * or a list came by which its certificate is revoked. Rejects with the signal's reason.
 */
export async function trustEnds(
  { serverCertificate }: Endpoint,
  pki: Pki,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<GatewayError> {
  const facts = factsOf(serverCertificate);
  let judged: string | undefined; // none is a state too: nobody is trusted any more
  for (let before: string | undefined; ; await clock.sleep(LOOK_EVERY, signal)) {
    const now = await stateOf(pki.folder);
    const isSettled = now === before; // else somebody may still be writing a list
    before = now;
    if (!isSettled || now === judged) continue;
    judged = now;
    await pki.manager.reloadCertificates();
    const { name } = await pki.manager.checkCertificate(serverCertificate);
    signal.throwIfAborted();
    if (name === 'Good' || outOfTime.includes(name)) continue;
    if (name !== 'BadCertificateUntrusted') return untrusted(facts, name, pki);
    const shown = `${facts.subject}, SHA-256 ${facts.fingerprint}`;
    return new GatewayError('server-untrusted', `the server is trusted no more, as was decided just now: ${shown}`);
  }
}

/** Another text whenever a decision was made. */
async function stateOf(folder: string): Promise<string> {
  const lists = await Promise.all(decisions.map(async (place) => filesIn(join(folder, place))));
  const states = lists.flat().map(async (file) => {
    const { mtimeMs, size, ino } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0, ino: 0 }));
    return `${file} ${mtimeMs} ${size} ${ino}`;
  });
  return (await Promise.all(states)).toSorted((one, other) => one.localeCompare(other)).join('\n');
}

async function filesIn(place: string): Promise<readonly string[]> {
  const names = await readdir(place).catch(() => []);
  return names.map((name) => join(place, name));
}

function factsOf(certificate: Buffer | null): CertificateFacts {
  try {
    return certificateFacts(certificate ?? Buffer.alloc(0));
  } catch (error) {
    throw new GatewayError('server-untrusted', 'the server shows no certificate that could be read', { cause: error });
  }
}

async function untrusted(facts: CertificateFacts, verdict: string, pki: Pki): Promise<GatewayError> {
  const { subject, issuer, fingerprint, thumbprint, applicationUri } = facts;
  const decision = `weir opcua trust ${thumbprint.slice(0, 16)}`;
  const shown = `${subject}, SHA-256 ${fingerprint}`;
  if (verdict !== 'BadCertificateUntrusted') {
    const why = verdicts[verdict]?.({ issuer, folder: pki.folder }) ?? 'it cannot be accepted';
    return new GatewayError('server-untrusted', `the certificate of the server, ${shown}: ${why} (${verdict})`);
  }
  if (await isRejectedIn(pki.folder, thumbprint)) {
    const message = `the server is not trusted, for somebody rejected it by name: ${shown}; if it is to be trusted all the same, run: ${decision}`;
    return new GatewayError('server-untrusted', message);
  }
  const before = (await storedCertificates(pki.folder)).find(
    (each) => each.store === 'trusted' && applicationUri !== undefined && each.applicationUri === applicationUri,
  );
  const message =
    before === undefined
      ? `the server is not trusted yet: it shows ${shown}; if that is what it should show, run: ${decision}`
      : `the certificate of ${applicationUri} has changed: trusted is SHA-256 ${before.fingerprint}, now it shows ${shown}; if that was expected, run: ${decision}`;
  return new GatewayError('server-untrusted', message);
}

type Circumstances = { readonly issuer: string; readonly folder: string };

/** What the verdicts of Part 4, 6.1.3 mean for whoever has to get another one. */
const verdicts: Readonly<Record<string, (about: Circumstances) => string>> = {
  BadCertificateRevoked: ({ issuer }) => `${issuer} has revoked it: the server needs a new one`,
  BadCertificateTimeInvalid: () => 'it has expired, or is not valid yet: compare the clocks, or have it renewed',
  BadCertificateRevocationUnknown: ({ issuer, folder }) =>
    `nobody knows whether it was revoked: put the list of ${issuer} into ${folder}/issuers/crl`,
  BadCertificateIssuerRevocationUnknown: ({ issuer, folder }) =>
    `nobody knows whether an issuer was revoked: put the lists of all authorities above ${issuer} into ${folder}/issuers/crl`,
  BadCertificateChainIncomplete: ({ issuer, folder }) =>
    `who issued it is not known here: put the certificate of ${issuer} into ${folder}/issuers/certs`,
};
