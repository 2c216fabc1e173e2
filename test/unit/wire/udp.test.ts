import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { GatewayError } from '../../../src/model/errors.ts';
import { openUdp } from '../../../src/wire/udp.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NEVER = new AbortController().signal;

/** A far end that says each datagram back, twice, and remembers who asked. */
async function echo(host: string) {
  const stack = new AsyncDisposableStack();
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  stack.defer(() => void socket.close());
  const asked: RemoteInfo[] = [];
  socket.on('message', (bytes, from) => {
    asked.push(from);
    socket.send(bytes, from.port, from.address);
    socket.send(bytes, from.port, from.address);
  });
  const target = { host, port: socket.address().port, timeout: 1_000 };
  return { socket, asked, target, stack, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test.each(['127.0.0.1', '::1', 'localhost'])('a datagram arrives as it was sent, from %s', async (host) => {
  await using far = await echo(host === 'localhost' ? '127.0.0.1' : host);
  await using wire = await openUdp({ ...far.target, host }, new FakeClock(), NEVER);
  const arrived: Buffer[] = [];
  const both = Promise.withResolvers<void>();
  wire.listen({
    received: (bytes) => {
      arrived.push(bytes);
      if (arrived.length === 2) both.resolve();
    },
    lost: both.reject,
  });
  wire.send(Buffer.from([0, 255, 10]));
  await both.promise;
  expect(arrived).toEqual([Buffer.from([0, 255, 10]), Buffer.from([0, 255, 10])]);
});

test('a stranger is not heard', async () => {
  await using far = await echo('127.0.0.1');
  await using stranger = await echo('127.0.0.1');
  await using wire = await openUdp(far.target, new FakeClock(), NEVER);
  const heard: string[] = [];
  let tell: (() => void) | undefined;
  wire.listen({
    received: (bytes) => {
      heard.push(String(bytes));
      tell?.();
    },
    lost: () => expect.unreachable(),
  });
  const untilHeard = async (text: string): Promise<void> => {
    while (!heard.includes(text)) await new Promise<void>((resolve) => (tell = resolve));
  };
  wire.send(Buffer.from('first'));
  await untilHeard('first');
  const [us] = far.asked;
  await new Promise((resolve) => stranger.socket.send('stranger', us?.port ?? 0, '127.0.0.1', resolve));
  wire.send(Buffer.from('last'));
  await untilHeard('last');
  expect(heard).not.toContain('stranger');
});

test('a port where nobody listens is the loss of the wire, once something was sent', async () => {
  const far = await echo('127.0.0.1');
  await far[Symbol.asyncDispose]();
  await using wire = await openUdp(far.target, new FakeClock(), NEVER);
  const lost = new Promise<GatewayError>((resolve) => wire.listen({ received: () => undefined, lost: resolve }));
  wire.send(Buffer.from('anybody?'));
  expect(await lost).toMatchObject({
    code: 'connection-lost',
    message: `127.0.0.1:${far.target.port} refuses the connection: nothing listens on that port`,
  });
  expect(wire.open).toBe(false);
  wire.send(Buffer.from('nobody'));
});

test('nothing is heard of a wire that was destroyed, and disposing of it twice is harmless', async () => {
  await using far = await echo('127.0.0.1');
  await using wire = await openUdp(far.target, new FakeClock(), NEVER);
  wire.listen({ received: () => expect.unreachable(), lost: () => expect.unreachable() });
  wire.send(Buffer.from('question'));
  wire.destroy();
  await wire[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
  expect(wire.open).toBe(false);
});

test('an attempt fails with where and why, or with the reason of its signal', async () => {
  const clock = new FakeClock();
  const target = { host: 'no-such-host.invalid', port: 502, timeout: 1_000 };
  await expect(openUdp(target, clock, NEVER)).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringMatching(/^no-such-host\.invalid:502 (is not a known host name|cannot be looked up)/),
  });
  const reason = new Error('enough');
  await expect(openUdp(target, clock, AbortSignal.abort(reason))).rejects.toBe(reason);
  const aborter = new AbortController();
  const opening = expect(openUdp(target, clock, aborter.signal)).rejects.toBe(reason);
  aborter.abort(reason);
  await opening;
  expect(clock.pending).toBe(0);
});
