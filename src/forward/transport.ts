import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { GatewayError, messageOf } from '../model/errors.ts';
import { codeOf } from '../wire/far-end.ts';
import { handshakeFault, tlsFault as faultOfTls, type TlsWords } from '../wire/tls-fault.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';

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

const BROKER: TlsWords = { peer: 'broker', name: 'in the url', port: 'usually 8883' };

/** What went wrong with TLS, for the technician; undefined when it is not about TLS. */
export function tlsFault(error: unknown): string | undefined {
  return faultOfTls(error, BROKER);
}

function tlsRefusal(endpoint: Endpoint, error: unknown): GatewayError {
  const fault = handshakeFault(error, BROKER) ?? messageOf(error);
  return new GatewayError('destination-refused', `${nameOf(endpoint)}: ${fault} (${codeOf(error)})`, { cause: error });
}
