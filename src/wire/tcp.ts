import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { withDeadline } from '../model/clock.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { causeOf, placeOf, type NetworkTarget } from './far-end.ts';
import type { Wire, WireListener } from './wire.ts';

// Finds a far end that vanished without a word between two polls; the kernel's default begins after two hours.
const KEEP_ALIVE_AFTER = 30_000;

/** Connects, or throws `connection-failed` that names the target and the cause, or the signal's reason. */
export async function openTcp(target: NetworkTarget, clock: Clock, signal: AbortSignal): Promise<Wire> {
  signal.throwIfAborted();
  const { host, port, timeout } = target;
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER,
  });
  try {
    const late = (): Error => new Error(`does not answer within ${timeout} ms`);
    await withDeadline(once(socket, 'connect'), { clock, milliseconds: timeout, late, signal });
    return new TcpWire(socket, placeOf(target));
  } catch (error) {
    // An error that still comes must find a listener.
    socket.on('error', () => undefined).destroy();
    signal.throwIfAborted();
    throw new GatewayError('connection-failed', `${placeOf(target)} ${causeOf(error)}`, { cause: error });
  }
}

class TcpWire implements Wire {
  readonly #socket: Socket;
  readonly #place: string;
  #listener: WireListener | undefined;

  constructor(socket: Socket, where: string) {
    this.#socket = socket;
    this.#place = where;
    socket.on('error', (error) => this.#lose(causeOf(error)));
    // A far end that closes its half has nothing more to say: whoever waits for an answer is told at once.
    socket.on('end', () => this.#lose('closed the connection'));
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
    this.#socket.on('data', (bytes) => this.#listener?.received(bytes));
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  destroy(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #lose(why: string): void {
    const listener = this.#listener;
    this.destroy();
    listener?.lost(new GatewayError('connection-lost', `${this.#place} ${why}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }
}
