import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isoTime, parseTime, type Clock } from '../model/clock.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';

const LOOK_EVERY = 60_000; // milliseconds
const DAY = 86_400_000;

/** Days before the end at which somebody is told, once each. */
const WARNINGS = [30, 7, 1] as const;

export type CertificateWatch = {
  readonly clock: Clock;
  /** What the connection was made with. */
  readonly used: TlsMaterial;
  /** What is on disk now. */
  readonly read: () => Promise<TlsMaterial>;
  /** Called once, when a new certificate with its key is complete on disk. */
  readonly renewed: () => void;
  /** Our certificate, or an authority's, ends within so many days; 0: it has ended. */
  readonly expiring: (whose: 'our certificate' | 'the authority', days: number, until: string) => void;
};

/** The warnings that were given already; outlives the connections. */
export type Warned = Set<string>;

/** Looks after the certificates of a connection until the function returned is called. */
export function watchCertificates(watch: CertificateWatch, warned: Warned): () => void {
  const stop = new AbortController();
  warn(watch, warned);
  void look(watch, warned, stop.signal).catch(() => undefined); // stopped
  return () => stop.abort();
}

async function look(watch: CertificateWatch, warned: Warned, signal: AbortSignal): Promise<void> {
  for (;;) {
    await watch.clock.sleep(LOOK_EVERY, signal);
    warn(watch, warned);
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

function warn({ clock, used, expiring }: CertificateWatch, warned: Warned): void {
  for (const [whose, pem] of [
    ['our certificate', used.certificate],
    ['the authority', used.ca],
  ] as const) {
    const until = endOf(pem);
    const days = Math.ceil((until - clock.wall()) / DAY);
    const limit = WARNINGS.findLast((each) => days <= each);
    if (limit === undefined || warned.has(`${whose} ${until} ${limit}`)) continue;
    warned.add(`${whose} ${until} ${limit}`);
    expiring(whose, Math.max(0, days), isoTime(until));
  }
}

/** When the first certificate of a PEM text ends, wall milliseconds; NaN where there is none to read. */
function endOf(pem: string | undefined): number {
  try {
    return pem === undefined ? NaN : parseTime(new X509Certificate(pem).validTo);
  } catch {
    return NaN; // the handshake has said, or will say, what is wrong with it
  }
}
