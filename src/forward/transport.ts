import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { TlsMaterial } from './destination.ts';

/** Where a broker listens. */
export type Endpoint = { readonly host: string; readonly port: number; readonly secure: boolean };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** The endpoint of `mqtt://host:port` or `mqtts://host:port`. */
export function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port } = new URL(url);
  const defaultPort = DEFAULT_PORTS[protocol];
  if (defaultPort === undefined) {
    throw new GatewayError('configuration-invalid', `${url}: expected mqtt:// or mqtts://, got ${protocol}//`);
  }
  const host = hostname.replace(/^\[(.*)\]$/, '$1'); // IPv6 addresses wear brackets in a url only
  return { host, port: port === '' ? defaultPort : Number(port), secure: protocol === 'mqtts:' };
}

export function nameOf({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A TCP connection, established. Rejects with the signal's reason when it aborts. */
export async function openTcp(endpoint: Endpoint, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
  await established(socket, 'connect', signal, (error) => {
    return new GatewayError('destination-unreachable', `${nameOf(endpoint)}: ${tcpFault(error)}`, { cause: error });
  });
  return socket;
}

/** TLS on an established connection: whom we talk to is proven before the first byte of ours. Closes `socket` on failure. */
export async function openTls(
  socket: Socket,
  endpoint: Endpoint,
  material: TlsMaterial,
  signal: AbortSignal,
): Promise<TLSSocket> {
  let secured: TLSSocket;
  try {
    secured = connectTls({
      socket,
      host: endpoint.host,
      ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
      ca: material.ca,
      cert: material.certificate,
      key: material.key,
      minVersion: `TLSv${material.minimum}`,
      rejectUnauthorized: material.verify,
    });
  } catch (error) {
    socket.destroy();
    throw tlsRefusal(endpoint, error);
  }
  await established(secured, 'secureConnect', signal, (error) => tlsRefusal(endpoint, error));
  return secured;
}

async function established(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  refusal: (error: unknown) => GatewayError,
): Promise<void> {
  try {
    await once(socket, event, { signal });
  } catch (error) {
    // A socket may report again on its way down, and an error that nobody hears would end the process.
    socket.on('error', () => undefined).destroy();
    throw signal.aborted ? signal.reason : refusal(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const tcpFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on this port',
  ENOTFOUND: 'the name is unknown to the name server',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
};

/** Why a host was not reached, for the technician. */
export function tcpFault(error: unknown): string {
  // An AggregateError, when a name has several addresses, carries the code of the first attempt and no text.
  const code = codeOf(error);
  return tcpFaults[code] === undefined ? messageOf(error) || code : `${tcpFaults[code]} (${code})`;
}

// Codes of OpenSSL and Node. The first group is about the broker's certificate, the second about ours, the third about TLS.
const tlsFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired: renew it, or set the clock of this gateway",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet: check the clock of this gateway",
  ERR_TLS_CERT_ALTNAME_INVALID: "the broker's certificate is for another name: use the name it was made for in the url",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the broker's certificate has an unknown issuer: name that authority in tls.ca",
  UNABLE_TO_GET_ISSUER_CERT: "the broker's certificate has an unknown issuer: name that authority in tls.ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the broker's certificate has an unknown issuer: name that authority in tls.ca",
  SELF_SIGNED_CERT_IN_CHAIN: "the broker's certificate has an unknown issuer: name that authority in tls.ca",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is its own issuer: name it in tls.ca if you trust it",
  CERT_SIGNATURE_FAILURE: "the broker's certificate is not signed by the authority in tls.ca",
  CERT_REVOKED: "the broker's certificate was revoked",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'tls.key does not belong to tls.certificate',
  ERR_OSSL_PEM_NO_START_LINE: 'tls.ca, tls.certificate or tls.key is not a PEM file',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'the broker asks for a certificate of ours: set tls.certificate and tls.key',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the broker does not know the issuer of our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the broker says that our certificate has expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'the broker says that our certificate was revoked',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the broker does not accept our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the broker does not accept our certificate',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION:
    "the broker offers no TLS 1.3: update it, or set tls.minimum to '1.2' if it must stay",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the broker offers no TLS 1.3: update it, or set tls.minimum to '1.2' if it must stay",
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS on this port: mqtts:// needs the TLS port of the broker, usually 8883',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS on this port: mqtts:// needs the TLS port of the broker, usually 8883',
};

/** What went wrong with TLS, for the technician; undefined when it is not about TLS. */
export function tlsFault(error: unknown): string | undefined {
  return tlsFaults[codeOf(error)];
}

const HANDSHAKE_ENDED =
  'the far end closed during the TLS handshake: is this the TLS port of the broker, usually 8883?';

function tlsRefusal(endpoint: Endpoint, error: unknown): GatewayError {
  const code = codeOf(error);
  const fault = tlsFault(error) ?? (code === 'ECONNRESET' ? HANDSHAKE_ENDED : messageOf(error));
  return new GatewayError('destination-refused', `${nameOf(endpoint)}: ${fault} (${code})`, { cause: error });
}
