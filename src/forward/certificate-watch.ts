import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseTime, type Clock } from '../model/clock.ts';
import type { Expiries } from '../ops/expiries.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';

const LOOK_EVERY = 60_000; // milliseconds

const RENEWAL = 'renew it on disk, it is taken up by itself';

export type CertificateWatch = {
  readonly clock: Clock;
  /** What the connection was made with. */
  readonly used: TlsMaterial;
  /** What is on disk now. */
  readonly read: () => Promise<TlsMaterial>;
  /** Called once, when a new certificate with its key is complete on disk. */
  readonly renewed: () => void;
  /** Outlives the connections. */
  readonly expiries: Expiries;
};

/** Looks after the certificates of a connection until the function returned is called. */
export function watchCertificates(watch: CertificateWatch): () => void {
  const stop = new AbortController();
  warn(watch);
  void look(watch, stop.signal).catch(() => undefined); // stopped
  return () => stop.abort();
}

async function look(watch: CertificateWatch, signal: AbortSignal): Promise<void> {
  for (;;) {
    await watch.clock.sleep(LOOK_EVERY, signal);
    warn(watch);
    // A file that is missing for a moment is on its way.
    const now = await watch.read().catch(() => watch.used);
    if (!isOther(now, watch.used) || !isWhole(now)) continue;
    watch.renewed();
    return;
  }
}

function isOther(now: TlsMaterial, used: TlsMaterial): boolean {
  return now.certificate !== used.certificate || now.key !== used.key || now.ca !== used.ca;
}

/** Whether certificate and key belong together: between two writes they do not. */
function isWhole({ certificate, key }: TlsMaterial): boolean {
  if (certificate === undefined || key === undefined) return certificate === key;
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function warn({ used, expiries }: CertificateWatch): void {
  const certificates = [
    { whose: 'our certificate', until: endOf(used.certificate) },
    { whose: 'the authority', until: endOf(used.ca) },
  ];
  expiries.look(certificates.map((each) => ({ ...each, todo: RENEWAL })));
}

/** When the first certificate of a PEM text ends, wall milliseconds; NaN where there is none to read. */
function endOf(pem: string | undefined): number {
  try {
    return pem === undefined ? NaN : parseTime(new X509Certificate(pem).validTo);
  } catch {
    return NaN; // the handshake has said, or will say, what is wrong with it
  }
}
