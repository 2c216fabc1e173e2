import { createPrivateKey, X509Certificate } from 'node:crypto';
import { link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { dateOf, EARLIEST_TIME, isoTime, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { certificateFacts, isRejectedIn, type CertificateFacts } from './opcua-certificates.ts';
import { loadOpcua, type Library } from './opcua-library.ts';

/** Who we are to other OPC UA applications, and whom we trust. Disposing it closes the files, and twice is harmless. */
export type Pki = AsyncDisposable & {
  readonly folder: string;
  /** Paths of PEM files. */
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** That of our certificate: an application that claims another than its certificate's is refused everywhere. */
  readonly applicationUri: string;
  /**
   * Refuses whatever is not in `trusted`, or of an authority that is, and puts it into `rejected`; and what somebody
   * rejected by name, whoever vouches for it.
   */
  readonly manager: Library.OPCUACertificateManager;
  /** The same for clients, which would close the manager when they end: several may share this. */
  readonly store: Library.ICertificateStore;
};

export type PkiSettings = {
  /** Private to one application, made where it is missing: `<journal>/opcua/client`. */
  readonly folder: string;
  /** Of this application in certificates, e.g. `Weir`. */
  readonly name: string;
  readonly clock: Clock;
};

/** As a client of servers, and as a server of clients, the gateway is two applications. */
export const pkiSides = ['client', 'server'] as const;

/** Where the keys of one side are, beside the journal. */
export function pkiFolder(journal: string, side: (typeof pkiSides)[number]): string {
  return join(journal, 'opcua', side);
}

const DAY = 86_400_000; // milliseconds
const VALIDITY = 3_650; // days: whoever trusts it does so by hand; it is renewed by hand too

/**
 * Opens the PKI of an application, and makes its key (RSA-2048) and certificate (SHA-256, self-signed) at first need.
 * Rejects with `connection-failed` while the clock of this machine is not set, or where the folder cannot be used.
 */
export async function openPki({ folder, name, clock }: PkiSettings): Promise<Pki> {
  requireTime(clock);
  const library = await loadOpcua();
  await ourFolder(folder);
  const manager = new library.OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: false,
    keySize: 2048,
    disableFileWatchers: true, // who needs the newest decision opens the folder anew
  });
  try {
    await manager.initialize();
    refuseRejected(manager, folder, library);
    const { certificate, key } = files(folder);
    const { applicationUri = applicationUriOf(name) } = await ownCertificate(manager, { folder, name, clock });
    let disposed: Promise<void> | undefined;
    return {
      folder,
      certificateFile: certificate,
      privateKeyFile: key,
      applicationUri,
      manager,
      store: shared(manager),
      [Symbol.asyncDispose]: () => (disposed ??= manager.dispose()),
    };
  } catch (error) {
    await manager.dispose();
    if (error instanceof GatewayError) throw error;
    throw unusable(folder, error);
  }
}

/**
 * Gives the application another key and certificate; the ones before stay beside them as `*.previous.pem`. Every server
 * and client has to trust the new certificate. What is connected stays so on the old one.
 */
export async function renewPki(settings: PkiSettings): Promise<CertificateFacts> {
  const { certificate, key } = files(settings.folder);
  requireTime(settings.clock);
  // In this order: a certificate without its key is made anew, a key without a certificate gets one.
  for (const file of [certificate, key]) await setAside(file);
  await using pki = await openPki(settings);
  return certificateFacts(await readFile(pki.certificateFile));
}

/**
 * Throws `connection-failed` as long as this machine does not know what time it is: certificates that it made would be
 * expired, and those of others not valid yet.
 */
export function requireTime(clock: Clock): void {
  const isLost = clock.isLost?.() ?? clock.wall() < EARLIEST_TIME;
  if (!isLost) return;
  const says = clock.isLost === undefined ? `says ${isoTime(clock.wall())}` : 'has lost the time';
  throw new GatewayError(
    'connection-failed',
    `the clock of this machine ${says}: OPC UA waits until it is set, for certificates and tokens go by it`,
  );
}

/** For the stack, trust in an issuer counts for more than what was decided about the one certificate. */
function refuseRejected(
  manager: Library.OPCUACertificateManager,
  folder: string,
  { StatusCodes }: typeof Library,
): void {
  const check = manager.checkCertificate.bind(manager);
  const checkCertificate = async (certificate: Buffer | Buffer[]): Promise<Library.StatusCode> => {
    const status = await check(certificate);
    if (status.isNotGood()) return status;
    const { thumbprint } = certificateFacts([certificate].flat()[0] ?? Buffer.alloc(0));
    return (await isRejectedIn(folder, thumbprint)) ? StatusCodes.BadCertificateUntrusted : status;
  };
  Object.assign(manager, { checkCertificate });
}

function shared(manager: Library.OPCUACertificateManager): Library.ICertificateStore {
  return {
    referenceCounter: 0,
    initialize: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
    checkCertificate: (certificate) => manager.checkCertificate(certificate),
    verifyCertificate: (certificate, options) => manager.verifyCertificate(certificate, options),
    trustCertificate: (certificate) => manager.trustCertificate(certificate),
    rejectCertificate: (certificate) => manager.rejectCertificate(certificate),
    getTrustStatus: (certificate) => manager.getTrustStatus([certificate].flat()[0] ?? certificate),
    addIssuer: (certificate, ...more) => manager.addIssuer(certificate, ...more),
    addRevocationList: (list, target) => manager.addRevocationList(list, target),
  };
}

/** Where an application's own key and certificate are. */
function files(folder: string): { readonly certificate: string; readonly key: string } {
  return { certificate: join(folder, 'own/certs/weir.pem'), key: join(folder, 'own/private/private_key.pem') };
}

/** The certificate that we have, or a new one: the first to be made stays, whoever makes one at the same time. */
async function ownCertificate(
  manager: Library.OPCUACertificateManager,
  { folder, name, clock }: PkiSettings,
): Promise<CertificateFacts> {
  const { certificate, key } = files(folder);
  const pem = await readFile(certificate).catch(() => undefined);
  if (pem !== undefined && (await fits(pem, key))) return certificateFacts(pem);
  if (pem !== undefined) await setAside(certificate);
  const fresh = `${certificate}.${process.pid}-${(made += 1)}`;
  await manager.createSelfSignedCertificate({
    subject: { commonName: name, organization: hostname() },
    startDate: dateOf(clock.wall() - DAY), // clocks of other machines may be behind
    validity: VALIDITY,
    dns: [hostname()],
    ip: [],
    applicationUri: applicationUriOf(name),
    outputFile: fresh,
  });
  await link(fresh, certificate).catch(unlessThere);
  await rm(fresh);
  return certificateFacts(await readFile(certificate));
}

let made = 0;

/** `urn:<host>:<name>`, as OPC UA Part 6, 6.2.2 suggests. */
function applicationUriOf(name: string): string {
  return `urn:${hostname()}:${name}`;
}

async function fits(pem: Buffer, keyFile: string): Promise<boolean> {
  return new X509Certificate(pem).checkPrivateKey(createPrivateKey(await readFile(keyFile)));
}

async function ourFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(folder, error);
  }
}

async function setAside(file: string): Promise<void> {
  await rename(file, file.replace(/\.pem$/, '.previous.pem')).catch(unlessMissing);
}

function unusable(folder: string, error: unknown): GatewayError {
  const message = `the folder of OPC UA certificates ${folder} cannot be used: ${messageOf(error)}`;
  return new GatewayError('connection-failed', message, { cause: error });
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
