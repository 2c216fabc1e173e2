import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { FakeClock } from './fake-clock.ts';

/** Answers what arrives, whenever it wants to. */
export type Attend = (send: (bytes: Buffer) => void) => (bytes: Buffer) => void;

/** How an answer gets onto the line; `at` is when the one before it has left, in milliseconds of the clock. */
export type Pace = (answer: Buffer, at: number) => readonly { readonly at: number; readonly bytes: Buffer }[];

export type LateFarEnd = AsyncDisposable & { readonly port: number; pace: Pace };

/** A far end whose answers take time, by a clock of the test: each leaves after the one before it, as on a line. */
export async function playLate(attend: Attend, clock: FakeClock, pace: Pace): Promise<LateFarEnd> {
  const sockets = new Set<Socket>();
  let freeAt = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const received = attend((answer) => {
      for (const { at, bytes } of played.pace(answer, Math.max(freeAt, clock.monotonic()))) {
        freeAt = Math.max(freeAt, at);
        const send = (): void => void (socket.writable && socket.write(bytes));
        if (at <= clock.monotonic()) send();
        else clock.after(at - clock.monotonic(), send);
      }
    });
    socket.on('data', received);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const played: LateFarEnd = {
    port: (server.address() as AddressInfo).port,
    pace,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return played;
}

/** Answers in one piece, so many milliseconds late. */
export function lateBy(delay: () => number): Pace {
  return (bytes, at) => [{ at: at + delay(), bytes }];
}

/** One byte a second. */
export const byteBySecond: Pace = (answer, at) =>
  [...answer].map((byte, index) => ({ at: at + (index + 1) * 1_000, bytes: Buffer.of(byte) }));

export const AT_ONCE: Pace = (bytes, at) => [{ at, bytes }];
