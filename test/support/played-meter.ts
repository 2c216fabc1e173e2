import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

/** A meter behind a device server: says what a test wants to whoever is connected. */
export interface PlayedMeter extends AsyncDisposable {
  readonly port: number;
  /** Resolves once so many connections have been made since the start. */
  untilConnected(count: number): Promise<void>;
  /** Resolves once every connection has ended. */
  untilQuiet(): Promise<void>;
  /** Says it in pieces of so many bytes, or in one. */
  say(bytes: Buffer, pieces?: number): Promise<void>;
  /** Breaks every connection off. */
  hangUp(): void;
  /** What was sent to it; cleared by reading. */
  heard(): Buffer;
}

export async function playMeter(answer?: (heard: Buffer, socket: Socket) => void): Promise<PlayedMeter> {
  const sockets = new Set<Socket>();
  let made = 0;
  let heard: Buffer[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    made += 1;
    server.emit('made');
    socket.on('data', (bytes) => {
      heard.push(bytes);
      answer?.(bytes, socket);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      server.emit('ended');
    });
  });
  const connections = (): number => made;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async untilConnected(count) {
      while (connections() < count) await once(server, 'made');
    },
    async untilQuiet() {
      while (sockets.size > 0) await once(server, 'ended');
    },
    async say(bytes, pieces = bytes.length) {
      for (let start = 0; start < bytes.length; start += pieces) {
        for (const socket of sockets) socket.write(bytes.subarray(start, start + pieces));
        await turnOfTheLoop();
      }
    },
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    heard: () => {
      const all = Buffer.concat(heard);
      heard = [];
      return all;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
