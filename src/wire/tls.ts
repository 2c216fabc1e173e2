import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { causeOf, placeOf, SOCKET_OPTIONS, type NetworkTarget } from './far-end.ts';
import { SocketWire } from './socket-wire.ts';
import { handshakeFault, tlsFault, type TlsWords } from './tls-fault.ts';
import { readTlsMaterial, type TlsMaterial } from './tls-material.ts';
import type { TlsSettings } from './tls-settings.ts';
import type { Wire } from './wire.ts';

/** Where to connect, and how both sides prove who they are. */
export type TlsTarget = NetworkTarget & { readonly tls: TlsSettings };

const DEVICE: TlsWords = { peer: 'device', name: 'as host' };

/**
 * Connects once the far end has proved that it is who it should be, or throws the signal's reason or `connection-failed`
 * that names the target and the fault. Certificates and key are read anew for each connection. With TLS 1.3 a far end
 * judges our certificate later: its refusal is then the loss of the wire, by the same name.
 */
export async function openTls(target: TlsTarget, clock: Clock, signal: AbortSignal): Promise<Wire> {
  signal.throwIfAborted();
  const late = (): Error => new Error(`does not answer within ${target.timeout} ms`);
  const deadline = clock.monotonic() + target.timeout;
  const inTime = <T>(work: Promise<T>): Promise<T> =>
    withDeadline(work, { clock, milliseconds: deadline - clock.monotonic(), late, signal });
  let socket: TLSSocket | undefined;
  try {
    socket = begin(target, await inTime(readTlsMaterial(target.tls).catch(unreadable)));
    await inTime(once(socket, 'secureConnect'));
    return new SocketWire(socket, placeOf(target), (error) => faultOf(error));
  } catch (error) {
    // An error that still comes must find a listener.
    socket?.on('error', () => undefined).destroy();
    signal.throwIfAborted();
    const why = faultOf(error, handshakeFault(error, DEVICE));
    throw new GatewayError('connection-failed', `${placeOf(target)} ${why}`, { cause: error });
  }
}

/** Begins to connect; throws where certificate and key make no pair. */
function begin({ host, port }: NetworkTarget, { ca, certificate, key, minimum, verify }: TlsMaterial): TLSSocket {
  return connect({
    host,
    port,
    ...SOCKET_OPTIONS,
    ...(isIP(host) === 0 && { servername: host }),
    ca,
    cert: certificate,
    key,
    minVersion: `TLSv${minimum}`,
    rejectUnauthorized: verify,
  });
}

function unreadable(error: unknown): never {
  throw new Error(`cannot be asked: ${messageOf(error)}`, { cause: error });
}

function faultOf(error: unknown, fault = tlsFault(error, DEVICE)): string {
  return fault === undefined ? causeOf(error) : `fails in TLS: ${fault}`;
}
