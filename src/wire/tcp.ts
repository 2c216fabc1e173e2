import { once } from 'node:events';
import { connect } from 'node:net';
import { withDeadline } from '../model/clock.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { causeOf, placeOf, SOCKET_OPTIONS, type NetworkTarget } from './far-end.ts';
import { SocketWire } from './socket-wire.ts';
import type { Wire } from './wire.ts';

/** Connects, or throws `connection-failed` that names the target and the cause, or the signal's reason. */
export async function openTcp(target: NetworkTarget, clock: Clock, signal: AbortSignal): Promise<Wire> {
  signal.throwIfAborted();
  const { host, port, timeout } = target;
  const socket = connect({
    host,
    port,
    ...SOCKET_OPTIONS,
  });
  try {
    const late = (): Error => new Error(`does not answer within ${timeout} ms`);
    await withDeadline(once(socket, 'connect'), { clock, milliseconds: timeout, late, signal });
    return new SocketWire(socket, placeOf(target), causeOf);
  } catch (error) {
    // An error that still comes must find a listener.
    socket.on('error', () => undefined).destroy();
    signal.throwIfAborted();
    throw new GatewayError('connection-failed', `${placeOf(target)} ${causeOf(error)}`, { cause: error });
  }
}
