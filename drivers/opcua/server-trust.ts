import { GatewayError } from '../../src/model/errors.ts';
import { certificateFacts, storedCertificates, type CertificateFacts } from '../../src/wire/opcua-certificates.ts';
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

function factsOf(certificate: Buffer | null): CertificateFacts {
  try {
    return certificateFacts(certificate ?? Buffer.alloc(0));
  } catch (error) {
    throw new GatewayError('server-untrusted', 'the server shows no certificate that could be read', { cause: error });
  }
}

async function untrusted(facts: CertificateFacts, verdict: string, pki: Pki): Promise<GatewayError> {
  const { subject, fingerprint, thumbprint, applicationUri } = facts;
  const decision = `weir opcua trust ${thumbprint.slice(0, 16)}`;
  const shown = `${subject}, SHA-256 ${fingerprint}`;
  if (verdict !== 'BadCertificateUntrusted') {
    return new GatewayError(
      'server-untrusted',
      `the certificate of the server cannot be accepted (${verdict}): ${shown}`,
    );
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
