import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { parseTime } from '../../model/clock.ts';
import { messageOf } from '../../model/errors.ts';
import type { SecretReference } from '../../model/secret.ts';
import type { TlsSettings } from '../../wire/tls-settings.ts';
import type { CertificateFacts } from './certificates.ts';
import type { SecretFacts } from './secrets.ts';

/** What one side proves itself by, and whose it is: `destination city`. Paths are absolute. */
export type Credentials = {
  readonly subject: string;
  readonly password?: SecretReference | undefined;
  readonly tls?: TlsSettings | undefined;
};

/** The files of secrets among them; what systemd or the environment hands over is theirs to guard. */
export async function lookAtSecrets({ subject, password, tls }: Credentials): Promise<readonly SecretFacts[]> {
  const references = [password, tls?.key].filter((reference) => reference !== undefined);
  const files = references.flatMap((reference) => ('file' in reference ? [reference.file] : []));
  return Promise.all(files.map((file) => lookAtSecret(subject, file)));
}

async function lookAtSecret(subject: string, file: string): Promise<SecretFacts> {
  try {
    return { subject, file, mode: (await stat(file)).mode & 0o777, trouble: undefined };
  } catch (error) {
    const isHidden = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return { subject, file, mode: undefined, trouble: isHidden ? 'hidden' : 'missing' };
  }
}

/** The certificates among them, as they are on disk now; `now` in milliseconds since 1970. */
export async function lookAtCertificates(
  { subject, tls }: Credentials,
  now: number,
): Promise<readonly CertificateFacts[]> {
  const roles = [
    ['ca', tls?.ca],
    ['certificate', tls?.certificate],
  ] as const;
  return Promise.all(
    roles.flatMap(([role, file]) =>
      file === undefined
        ? []
        : [lookAtCertificate(role, file, tls?.key).then((seen) => ({ subject, role, file, now, ...seen }))],
    ),
  );
}

type Seen = Pick<CertificateFacts, 'validity' | 'fitsKey'>;

async function lookAtCertificate(
  role: CertificateFacts['role'],
  file: string,
  key: SecretReference | undefined,
): Promise<Seen> {
  try {
    const certificates = certificatesIn(await readFile(file, 'utf8'));
    const [own] = certificates;
    if (own === undefined) return { validity: 'it holds no certificate', fitsKey: undefined };
    const fitsKey = role === 'certificate' ? await fits(own, key) : undefined;
    return { validity: validityOf(role, certificates), fitsKey };
  } catch (error) {
    return { validity: messageOf(error), fitsKey: undefined };
  }
}

/** A chain is as good as its weakest certificate, a collection of authorities as its best. */
function validityOf(role: CertificateFacts['role'], certificates: readonly X509Certificate[]): Seen['validity'] {
  const from = certificates.map(({ validFrom }) => parseTime(validFrom));
  const to = certificates.map(({ validTo }) => parseTime(validTo));
  return role === 'certificate'
    ? { from: Math.max(...from), to: Math.min(...to) }
    : { from: Math.min(...from), to: Math.max(...to) };
}

function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

async function fits(certificate: X509Certificate, key: SecretReference | undefined): Promise<boolean | undefined> {
  if (key === undefined || !('file' in key)) return undefined;
  try {
    return certificate.checkPrivateKey(createPrivateKey(await readFile(key.file, 'utf8')));
  } catch {
    return undefined; // this user may not read it, which is as it should be
  }
}
