import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { parseTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';

/** What is to be known of a certificate before it is trusted. Everything in it but the fingerprints is its own claim. */
export type CertificateFacts = {
  /** `CN=press 4, O=Works`. */
  readonly subject: string;
  readonly issuer: string;
  /** Name of the application it was made for, from its alternative names; undefined where it has none. */
  readonly applicationUri: string | undefined;
  /** Host names and addresses that it is for. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
  /** SHA-1, as OPC UA names certificates (Part 6, 6.2.2) and other programs show them: forty hexadecimal digits. */
  readonly thumbprint: string;
};

const certificateStores = ['own', 'trusted', 'rejected', 'issuers'] as const;

type CertificateStore = (typeof certificateStores)[number];

/** Where the stores are in a PKI folder, as other OPC UA programs lay it out. */
const folders = {
  own: 'own/certs',
  trusted: 'trusted/certs',
  rejected: 'rejected',
  issuers: 'issuers/certs',
} as const satisfies Record<CertificateStore, string>;

export type StoredCertificate = CertificateFacts & { readonly store: CertificateStore; readonly file: string };

/** Whether something depends on it: it is neither rejected nor replaced. */
export function isInUse({ store, file }: Pick<StoredCertificate, 'store' | 'file'>): boolean {
  return store !== 'rejected' && !file.endsWith('.previous.pem');
}

/** Ends the names of files in `rejected` that somebody rejected; the others are there for nobody has decided yet. */
const BY_NAME = '.by-name';

/** Whether somebody rejected it, by its name: that counts for more than trust in its issuer. */
export function isRejectedByName({ store, file }: Pick<StoredCertificate, 'store' | 'file'>): boolean {
  return store === 'rejected' && file.slice(0, -extname(file).length).endsWith(BY_NAME);
}

/** The same of a certificate that is not in the store's hands, by what the folder holds now. */
export async function isRejectedIn(folder: string, thumbprint: string): Promise<boolean> {
  const names = await readdir(join(folder, folders.rejected)).catch(() => []);
  return names.some((name) => name.startsWith(`${thumbprint}${BY_NAME}.`));
}

/** Facts of a certificate, DER or PEM. Throws where it is none. */
export function certificateFacts(certificate: Buffer | string): CertificateFacts {
  const parsed = new X509Certificate(certificate);
  const names = alternativeNames(parsed.subjectAltName ?? '');
  return {
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    applicationUri: names.find(({ kind }) => kind === 'URI')?.name,
    hosts: names.filter(({ kind }) => kind === 'DNS' || kind === 'IP Address').map(({ name }) => name),
    validFrom: parseTime(parsed.validFrom),
    validTo: parseTime(parsed.validTo),
    fingerprint: parsed.fingerprint256,
    thumbprint: parsed.fingerprint.replaceAll(':', ''),
  };
}

/** All certificates of a PKI folder; none where there is no such folder. What is no certificate is left out. */
export async function storedCertificates(folder: string): Promise<readonly StoredCertificate[]> {
  return (await Promise.all(certificateStores.map((store) => inStore(store, join(folder, folders[store]))))).flat();
}

/** The one certificate that `wanted` names: the beginning of a fingerprint or thumbprint. Rejects with `usage`. */
export async function findCertificate(folder: string, wanted: string): Promise<StoredCertificate> {
  const digits = wanted.replaceAll(':', '').toUpperCase();
  if (!/^[0-9A-F]{8,64}$/.test(digits)) {
    throw new GatewayError('usage', `${wanted} is no fingerprint: write at least its first eight digits`);
  }
  const found = (await storedCertificates(folder)).filter(
    ({ store, fingerprint, thumbprint }) =>
      store !== 'own' && [fingerprint.replaceAll(':', ''), thumbprint].some((print) => print.startsWith(digits)),
  );
  const [first, ...others] = found;
  if (first === undefined) {
    throw new GatewayError('usage', `no certificate in ${folder} has the fingerprint ${wanted}`);
  }
  if (others.length === 0) return first;
  throw new GatewayError('usage', `${wanted} fits ${found.length} certificates: write more of the fingerprint`);
}

/** From now on the certificate is in `store`, whatever was thought of it before. */
export async function moveCertificate(folder: string, certificate: StoredCertificate, store: Decision) {
  const { file, thumbprint } = certificate;
  await rename(file, await placeOf(folder, store, `${thumbprint}${extname(file)}`));
}

/** Puts a certificate, DER, into a store; it leaves the others. */
export async function storeCertificate(folder: string, certificate: Buffer, store: Decision) {
  const { thumbprint } = certificateFacts(certificate);
  const known = (await storedCertificates(folder)).filter((each) => each.thumbprint === thumbprint);
  const file = await placeOf(folder, store, `${thumbprint}.pem`);
  await writeFile(file, new X509Certificate(certificate).toString());
  const elsewhere = known.filter((each) => each.store !== 'own' && each.store !== 'issuers' && each.file !== file);
  await Promise.all(elsewhere.map((each) => rm(each.file, { force: true })));
}

type Decision = 'trusted' | 'rejected';

/** Where a certificate is put that was decided about. */
async function placeOf(folder: string, store: Decision, name: string): Promise<string> {
  const place = join(folder, folders[store]);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const ending = extname(name);
  return join(place, store === 'trusted' ? name : `${name.slice(0, -ending.length)}${BY_NAME}${ending}`);
}

async function inStore(store: CertificateStore, place: string): Promise<readonly StoredCertificate[]> {
  const names = await readdir(place).catch(() => []);
  const files = names.filter((name) => /\.(pem|der|crt|cer)$/i.test(name)).sort();
  const known = await Promise.all(
    files.map(async (name) => {
      const file = join(place, name);
      const facts = await factsOf(file);
      return facts === undefined ? [] : [{ ...facts, store, file }];
    }),
  );
  return known.flat();
}

async function factsOf(file: string): Promise<CertificateFacts | undefined> {
  try {
    return certificateFacts(await readFile(file));
  } catch {
    return undefined;
  }
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

/** The parts of `DNS:plant, URI:"urn:a,b"`: Node quotes those that hold a comma, as JSON. */
function alternativeNames(text: string): readonly { readonly kind: string; readonly name: string }[] {
  return [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind = '', name = '']) => ({
    kind,
    name: name.startsWith('"') ? String(JSON.parse(name)) : name,
  }));
}
