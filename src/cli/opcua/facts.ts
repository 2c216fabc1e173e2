import { isoTime } from '../../model/clock.ts';
import { isRejectedByName, type CertificateFacts, type StoredCertificate } from '../../wire/opcua-certificates.ts';
import { duration, paint, printable } from '../format.ts';

const DAY = 86_400_000; // milliseconds

/** Days before the end at which a certificate wants attention, as `weir doctor` counts them. */
const SOON = 30;

/** What a decision is about: whose certificate, from whom, for how long, and the fingerprint to compare. */
export function factLines(facts: CertificateFacts, now: number): string {
  const { subject, issuer, applicationUri, hosts, fingerprint, thumbprint } = facts;
  return [
    `  subject      ${printable(subject)}`,
    `  issuer       ${issuer === subject ? 'itself' : printable(issuer)}`,
    `  application  ${printable(applicationUri ?? 'none')}`,
    `  hosts        ${printable(hosts.join(', ')) || 'none'}`,
    `  valid        ${day(facts.validFrom)} to ${day(facts.validTo)}${validityNote(facts, now)}`,
    `  SHA-256      ${fingerprint}`,
    `  SHA-1        ${thumbprint}`,
  ].join('\n');
}

/** The same for programs. */
export function factDocument(facts: CertificateFacts) {
  const { validFrom, validTo, applicationUri, ...others } = facts;
  return {
    ...others,
    applicationUri: applicationUri ?? null,
    validFrom: isoTime(validFrom),
    validTo: isoTime(validTo),
  };
}

export function storedDocument({ store, file, ...facts }: StoredCertificate) {
  return { store, rejectedByName: isRejectedByName({ store, file }), file, ...factDocument(facts) };
}

/** Empty where there is nothing to be said of it. */
export function validityNote({ validFrom, validTo }: CertificateFacts, now: number): string {
  if (now < validFrom) return paint('yellow', ' (not valid yet)');
  if (now >= validTo) return paint('red', ` (expired ${duration(now - validTo)} ago)`);
  return validTo - now < SOON * DAY ? paint('yellow', ` (expires in ${duration(validTo - now)})`) : '';
}

export function day(time: number): string {
  return isoTime(time).slice(0, 10);
}
