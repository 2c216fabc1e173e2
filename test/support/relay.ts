import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A TCP way to a port of this machine that can be cut and mended. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** What comes from the far end is changed on its way by this. */
  mangle: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** What goes to the far end waits for this. */
  before: ((bytes: Buffer) => Promise<void>) | undefined;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      near.pipe(Duplex.from((source: AsyncIterable<Buffer>) => this.#waited(source))).pipe(far);
      far.on('data', (bytes) => near.write(this.mangle(bytes)));
    });
  }

  async *#waited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const bytes of source) {
      await this.before?.(bytes);
      yield bytes;
    }
  }

  static async to(port: number): Promise<Relay> {
    const relay = new Relay(port);
    await once(relay.#server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
    return address.port;
  }

  /** Ends what is connected, and refuses everybody until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
