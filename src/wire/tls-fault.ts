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
  CERT_REVOKED: ({ peer }) => `the ${peer}'s certificate was revoked`,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: () => 'tls.key does not belong to tls.certificate',
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
  return FAULTS[codeOf(error)]?.(words);
}

/** The same of a handshake that failed: there a reset is about TLS too. */
export function handshakeFault(error: unknown, words: TlsWords): string | undefined {
  if (codeOf(error) !== 'ECONNRESET') return tlsFault(error, words);
  return `the far end closed during the TLS handshake: ${whichPort(words)}`;
}
