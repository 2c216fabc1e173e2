import { messageOf } from '../model/errors.ts';
import { codeOf } from './far-end.ts';

/** What to call the far end in a message about TLS. */
export type TlsWords = {
  /** `broker`, `device` */
  readonly peer: string;
  /** Where its name is written: `in the url`. */
  readonly name: string;
  /** Where its TLS port mostly is: `usually 8883`. */
  readonly port?: string;
};

type Fault = (words: TlsWords) => string;

const unknownIssuer: Fault = ({ peer }) =>
  `the ${peer}'s certificate has an unknown issuer: name that authority in tls.ca`;
const notAccepted: Fault = ({ peer }) => `the ${peer} does not accept our certificate`;
const tooOld: Fault = ({ peer }) =>
  `the ${peer} offers no TLS 1.3: update it, or set tls.minimum to '1.2' if it must stay`;
const whichPort: Fault = ({ peer, port }) =>
  `is this the TLS port of the ${peer}${port === undefined ? '' : `, ${port}`}?`;
const noTls: Fault = (words) => `no TLS on this port: ${whichPort(words)}`;

// What OpenSSL refuses by itself (security level 2, 112 bits): RSA and DSA below 2048 bits, curves below 224, SHA-1.
const WEAK = 'too weak: it must be made anew, with RSA of 2048 bits or a curve of 256';
const weakKey: Fault = ({ peer }) => `the ${peer}'s certificate has a key that is ${WEAK}`;
const weakAuthority: Fault = ({ peer }) => `the authority of the ${peer}'s certificate has a key that is ${WEAK}`;
const weakSignature: Fault = ({ peer }) => `the ${peer}'s certificate has a signature that is ${WEAK}, and SHA-256`;
const ownWeakKey: Fault = () => `tls.certificate has a key that is ${WEAK}`;

// Codes of OpenSSL and Node. The first group is about the far end's certificate, the second about ours, the third about TLS.
const FAULTS: Readonly<Record<string, Fault>> = {
  CERT_HAS_EXPIRED: ({ peer }) => `the ${peer}'s certificate has expired: renew it, or set the clock of this gateway`,
  CERT_NOT_YET_VALID: ({ peer }) => `the ${peer}'s certificate is not valid yet: check the clock of this gateway`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ peer, name }) =>
    `the ${peer}'s certificate is for another name: use the name it was made for ${name}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ peer }) =>
    `the ${peer}'s certificate is its own issuer: name it in tls.ca if you trust it`,
  CERT_SIGNATURE_FAILURE: ({ peer }) => `the ${peer}'s certificate is not signed by the authority in tls.ca`,
  'EE certificate key too weak': weakKey,
  'CA certificate key too weak': weakAuthority,
  'CA signature digest algorithm too weak': weakSignature,
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': ({ peer }) =>
    `the ${peer} has nothing in common with us: its certificate may have a key that is ${WEAK}`,
  CERT_REVOKED: ({ peer }) => `the ${peer}'s certificate was revoked`,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: () => 'tls.key does not belong to tls.certificate',
  ERR_SSL_EE_KEY_TOO_SMALL: ownWeakKey,
  ERR_SSL_CA_KEY_TOO_SMALL: () => `an authority in tls.certificate has a key that is ${WEAK}`,
  ERR_SSL_CA_MD_TOO_WEAK: () => `tls.certificate has a signature that is ${WEAK}, and SHA-256`,
  ERR_OSSL_PEM_NO_START_LINE: () => 'tls.ca, tls.certificate or tls.key is not a PEM file',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ({ peer }) =>
    `the ${peer} asks for a certificate of ours: set tls.certificate and tls.key`,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ({ peer }) => `the ${peer} does not know the issuer of our certificate`,
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED': ({ peer }) => `the ${peer} says that our certificate has expired`,
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED': ({ peer }) => `the ${peer} says that our certificate was revoked`,
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': notAccepted,
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': notAccepted,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: tooOld,
  ERR_SSL_UNSUPPORTED_PROTOCOL: tooOld,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
};

/** What went wrong with TLS, for the technician; undefined when it is not about TLS. */
export function tlsFault(error: unknown, words: TlsWords): string | undefined {
  return FAULTS[codeOrText(error)]?.(words);
}

/** Whether a certificate is refused for nothing but the time of day, as this machine knows it. */
export function isOutOfTime(error: unknown): boolean {
  return ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'].includes(codeOf(error));
}

/** Of what Node has no code for it passes on OpenSSL's text. */
function codeOrText(error: unknown): string {
  const code = codeOf(error);
  return code === 'UNSPECIFIED' ? messageOf(error) : code;
}

/** The same of a handshake that failed: there a reset is about TLS too. */
export function handshakeFault(error: unknown, words: TlsWords): string | undefined {
  if (codeOf(error) !== 'ECONNRESET') return tlsFault(error, words);
  return `the far end closed during the TLS handshake: ${whichPort(words)}`;
}
