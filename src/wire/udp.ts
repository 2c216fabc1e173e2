import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { causeOf, placeOf, type NetworkTarget } from './far-end.ts';
import type { Wire, WireListener } from './wire.ts';

/**
 * A socket that hears one far end alone: each datagram is one call of `received`. Throws `connection-failed` where the
 * host cannot be found, or the signal's reason. Nobody need be there: a host that refuses shows as the wire's loss once
 * something was sent, one that is silent not at all.
 */
export async function openUdp(target: NetworkTarget, clock: Clock, signal: AbortSignal): Promise<Wire> {
  signal.throwIfAborted();
  const late = (): Error => new Error(`cannot be looked up within ${target.timeout} ms`);
  try {
    const limit = { clock, milliseconds: target.timeout, late, signal };
    const { address, family } = await withDeadline(lookup(target.host), limit);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    return new UdpWire(await connected(socket, target.port, address), placeOf(target));
  } catch (error) {
    signal.throwIfAborted();
    throw new GatewayError('connection-failed', `${placeOf(target)} ${causeOf(error)}`, { cause: error });
  }
}

async function connected(socket: Socket, port: number, address: string): Promise<Socket> {
  try {
    socket.connect(port, address);
    await once(socket, 'connect'); // nothing is sent for it
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

class UdpWire implements Wire {
  readonly #socket: Socket;
  readonly #place: string;
  readonly #closed: Promise<void>;
  #listener: WireListener | undefined;
  #open = true;

  constructor(socket: Socket, place: string) {
    this.#socket = socket;
    this.#place = place;
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', (error) => this.#lose(error));
  }

  get open(): boolean {
    return this.#open;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
    this.#socket.on('message', (bytes) => this.#listener?.received(bytes));
  }

  send(bytes: Buffer): void {
    if (this.#open) this.#socket.send(bytes);
  }

  destroy(): void {
    this.#listener = undefined;
    if (this.#open) this.#socket.close();
    this.#open = false;
  }

  #lose(error: Error): void {
    const listener = this.#listener;
    this.destroy();
    listener?.lost(new GatewayError('connection-lost', `${this.#place} ${causeOf(error)}`, { cause: error }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.#closed;
  }
}
