import { isoTime } from '../../model/clock.ts';
import { isInUse, type StoredCertificate } from '../../wire/opcua-certificates.ts';
import { duration } from '../format.ts';
import { urgencyOf } from './certificates.ts';
import type { Finding } from './finding.ts';

/** A certificate that OPC UA connections depend on. */
export type OpcuaCertificate = Pick<StoredCertificate, 'store' | 'file' | 'subject' | 'validTo' | 'thumbprint'> & {
  readonly side: 'client' | 'server';
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** Whether one of our own, or of those we trust, comes to its end. What was rejected, or replaced, may do so. */
export function checkOpcuaCertificate(certificate: OpcuaCertificate): readonly Finding[] {
  const { store, side, subject, validTo, thumbprint, now } = certificate;
  const left = validTo - now;
  const severity = urgencyOf(left);
  if (severity === undefined || !isInUse(certificate)) return [];
  const when = left <= 0 ? `expired ${duration(-left)} ago` : `expires in ${duration(left)}`;
  const whose = store === 'own' ? `our own certificate as an OPC UA ${side}` : `the certificate of ${subject}`;
  return [
    {
      severity,
      subject: `opcua ${side}`,
      what: `${whose}, ${thumbprint.slice(0, 16)}, ${when}`,
      why: `its last day is ${isoTime(validTo).slice(0, 10)}; then connections that it proves are refused`,
      todo:
        store === 'own'
          ? `run: weir opcua renew ${side}, and have the others trust the new one`
          : 'have it renewed by whoever runs it, then trust the new one: weir opcua trust',
    },
  ];
}

/** A channel that does not protect what is sent; `allowInsecure` is why that is allowed, absent where it is not. */
export function checkChannel(
  subject: string,
  security: { readonly policy: string; readonly allowInsecure?: string | undefined } | undefined,
): readonly Finding[] {
  if (security?.allowInsecure === undefined) return [];
  return [
    {
      severity: 'warning',
      subject,
      what: `the channel is not protected: policy ${security.policy}`,
      why: `security.allowInsecure says: ${security.allowInsecure}; whoever is on the way can read and change everything`,
      todo: 'have the server offer Basic256Sha256 or better, configure that, and remove security.allowInsecure',
    },
  ];
}
