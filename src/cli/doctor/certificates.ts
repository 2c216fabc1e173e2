import { believesAnybody } from '../../config/insecurities.ts';
import { isoTime } from '../../model/clock.ts';
import { duration } from '../format.ts';
import { found, type Finding, type Severity } from './finding.ts';

export type CertificateFacts = {
  /** Whose it is: `destination city`. */
  readonly subject: string;
  /** What it is for. */
  readonly role: 'ca' | 'certificate';
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From when until when the file can be used; a text says why it cannot. */
  readonly validity: { readonly from: number; readonly to: number } | string;
  /** False when the key beside it is another's; undefined where that could not be seen. */
  readonly fitsKey: boolean | undefined;
};

const DAY = 86_400_000; // milliseconds

/** How much it matters that a certificate ends within so many milliseconds. */
const urgency: readonly (readonly [Severity, within: number])[] = [
  ['critical', DAY],
  ['warning', 7 * DAY],
  ['advice', 30 * DAY],
];

/** How much it matters that one ends within so many milliseconds; undefined where it does not yet. */
export function urgencyOf(left: number): Severity | undefined {
  return urgency.find(([, within]) => left <= within)?.[0];
}

const nouns = { ca: 'the certificate of the authority', certificate: 'the certificate of this gateway' } as const;

export function checkCertificate(facts: CertificateFacts): readonly Finding[] {
  return found(unreadable(facts), early(facts), ending(facts), mismatch(facts));
}

function unreadable({ subject, role, file, validity }: CertificateFacts): Finding | undefined {
  if (typeof validity !== 'string') return undefined;
  const what = `${nouns[role]}, ${file}, cannot be used: ${validity}`;
  const why = 'without it the broker is not reached';
  return { severity: 'critical', subject, what, why, todo: 'put a PEM file there that this user can read' };
}

function early({ subject, role, file, now, validity }: CertificateFacts): Finding | undefined {
  if (typeof validity === 'string' || validity.from <= now) return undefined;
  const what = `${nouns[role]}, ${file}, is not valid before ${isoTime(validity.from).slice(0, 10)}`;
  const why = `this machine believes that it is ${isoTime(now).slice(0, 10)}`;
  return {
    severity: 'critical',
    subject,
    what,
    why,
    todo: 'set the clock; if it is right, ask for another certificate',
  };
}

function ending({ subject, role, file, now, validity }: CertificateFacts): Finding | undefined {
  if (typeof validity === 'string') return undefined;
  const left = validity.to - now;
  const severity = urgencyOf(left);
  if (severity === undefined) return undefined;
  const when = left <= 0 ? `expired ${duration(-left)} ago` : `expires in ${duration(left)}`;
  const why = `its last day is ${isoTime(validity.to).slice(0, 10)}; then TLS refuses it`;
  const todo = 'have it renewed; the gateway takes the new file at its next connection, without a restart';
  return { severity, subject, what: `${nouns[role]}, ${file}, ${when}`, why, todo };
}

function mismatch({ subject, file, fitsKey }: CertificateFacts): Finding | undefined {
  if (fitsKey !== false) return undefined;
  const what = `${file} and tls.key do not belong together`;
  const why = 'the key is that of another certificate: TLS cannot begin';
  return { severity: 'critical', subject, what, why, todo: 'install both files of one issue' };
}

/** Encrypted telegrams of which nothing proves who sent them. */
export function checkTags(subject: string, settings: unknown): readonly Finding[] {
  if (!believesAnybody(settings)) return [];
  return [
    {
      severity: 'warning',
      subject,
      what: 'telegrams without a right authentication tag are believed',
      why: 'it has `verify: false`; whoever reaches the line can tell us anything',
      todo: 'get the authentication key from the grid operator, configure it, and remove `verify: false`',
    },
  ];
}

/** A far end that could be anybody; `insecure` is why that is allowed, undefined where it is not. */
export function checkVerification(subject: string, insecure: string | undefined): readonly Finding[] {
  if (insecure === undefined) return [];
  return [
    {
      severity: 'warning',
      subject,
      what: 'the certificate of the far end is not verified',
      why: `tls.allowInsecure says: ${insecure}; whoever is on the way can read and change everything`,
      todo: 'get the certificate of its authority, name it as tls.ca, and remove tls.allowInsecure',
    },
  ];
}
