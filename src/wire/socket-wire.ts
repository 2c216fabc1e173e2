import type { Socket } from 'node:net';
import { GatewayError } from '../model/errors.ts';
import type { Wire, WireListener } from './wire.ts';

/** A socket that is connected; `place` and `causeOf` make the message of its loss. */
export class SocketWire implements Wire {
  readonly #socket: Socket;
  readonly #place: string;
  #listener: WireListener | undefined;

  constructor(socket: Socket, place: string, causeOf: (error: unknown) => string) {
    this.#socket = socket;
    this.#place = place;
    socket.on('error', (error) => this.#lose(causeOf(error), error));
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

  #lose(why: string, cause?: unknown): void {
    const listener = this.#listener;
    this.destroy();
    listener?.lost(new GatewayError('connection-lost', `${this.#place} ${why}`, { cause }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once('close', resolve));
  }
}
