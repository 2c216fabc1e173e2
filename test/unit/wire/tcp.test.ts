import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openTcp } from '../../../src/wire/tcp.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { freePort } from '../../support/free-port.ts';
import { heard } from '../../support/serial-line.ts';
import { peerPath, testWith } from '../../support/peers.ts';

const NEVER = new AbortController().signal;

/** A listener, the wire to it, and the far end of that wire. */
async function connected() {
  const stack = new AsyncDisposableStack();
  const server = createServer().listen(0, '127.0.0.1');
  stack.defer(() => void server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const target = { host: '127.0.0.1', port: portOf(server), timeout: 1_000 };
  const wire = stack.use(await openTcp(target, new FakeClock(), NEVER));
  const [farEnd] = await accepted;
  stack.defer(() => void farEnd.destroy());
  return { wire, farEnd, target, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
  return address.port;
}

test('bytes go both ways as they are', async () => {
  await using line = await connected();
  const received = Promise.withResolvers<Buffer>();
  line.wire.listen({ received: received.resolve, lost: received.reject });
  line.farEnd.on('data', (bytes) => line.farEnd.write(Buffer.concat([bytes, bytes])));
  line.wire.send(Buffer.from([0, 255, 10]));
  expect(await received.promise).toEqual(Buffer.from([0, 255, 10, 0, 255, 10]));
});

describe('the listener is told once why the wire is lost:', () => {
  test.each<[string, (farEnd: Socket) => void, string]>([
    ['a close', (farEnd) => farEnd.end(), 'closed the connection'],
    ['a reset', (farEnd) => farEnd.resetAndDestroy(), 'broke the connection off'],
  ])('%s', async (_, end, why) => {
    await using line = await connected();
    const losses: string[] = [];
    const told = new Promise<void>((resolve) => {
      line.wire.listen({
        received: () => undefined,
        lost: (error) => {
          losses.push(`${error.code}: ${error.message}`);
          resolve();
        },
      });
    });
    end(line.farEnd);
    await told;
    await line.wire[Symbol.asyncDispose]();
    expect(losses).toEqual([`connection-lost: 127.0.0.1:${line.target.port} ${why}`]);
    expect(line.wire.open).toBe(false);
  });
});

test('a far end that sends a byte at a time is heard byte by byte', async () => {
  await using line = await connected();
  const text = 'one byte a second';
  const listener = heard(line.wire);
  for (let index = 0; index < text.length; index++) {
    line.farEnd.write(text.charAt(index));
    await listener.untilReceived(index + 1);
  }
  expect(String(await listener.untilReceived(text.length))).toBe(text);
});

test('a far end that closes its half and goes on listening has ended the wire', async () => {
  await using line = await connected();
  const { lost } = heard(line.wire);
  line.farEnd.resume().end('the last answer');
  expect(await lost).toMatchObject({ code: 'connection-lost', message: expect.stringContaining('closed the') });
});

test('a far end that takes no more bytes keeps nobody waiting, and is left at once', async () => {
  await using line = await connected();
  line.farEnd.pause();
  const { lost } = heard(line.wire);
  for (let count = 0; count < 64; count++) line.wire.send(Buffer.alloc(1_048_576)); // more than two kernels hold
  expect(line.wire.open).toBe(true);
  await line.wire[Symbol.asyncDispose]();
  expect(line.wire.open).toBe(false);
  expect(await Promise.race([lost, Promise.resolve('nothing was lost')])).toBe('nothing was lost');
});

test('nothing is heard of a wire that was destroyed, and disposing of it twice is harmless', async () => {
  await using line = await connected();
  const told: string[] = [];
  line.wire.listen({ received: () => told.push('bytes'), lost: () => told.push('loss') });
  const ended = new Promise((resolve) => line.farEnd.resume().once('close', resolve));
  line.farEnd.on('error', () => undefined).write('late');
  line.wire.destroy();
  await line.wire[Symbol.asyncDispose]();
  await line.wire[Symbol.asyncDispose]();
  await ended;
  line.wire.send(Buffer.from('nobody listens'));
  expect(told).toEqual([]);
});

describe('an attempt fails with where and why:', () => {
  test('nothing listens', async () => {
    const port = await freePort();
    await expect(openTcp({ host: '127.0.0.1', port, timeout: 1_000 }, new FakeClock(), NEVER)).rejects.toMatchObject({
      code: 'connection-failed',
      message: `127.0.0.1:${port} refuses the connection: nothing listens on that port`,
    });
  });

  test('an IPv6 address is told from its port', async () => {
    const port = await freePort();
    await expect(openTcp({ host: '::1', port, timeout: 1_000 }, new FakeClock(), NEVER)).rejects.toMatchObject({
      message: expect.stringContaining(`[::1]:${port} `),
    });
  });

  test('no such name', async () => {
    const target = { host: 'no-such-host.invalid', port: 502, timeout: 1_000 };
    await expect(openTcp(target, new FakeClock(), NEVER)).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringMatching(/^no-such-host\.invalid:502 (is not a known host name|cannot be looked up)/),
    });
  });

  testWith('python', 'no answer in time, or given up before', async () => {
    await using deaf = await deafListener();
    const target = { host: '127.0.0.1', port: deaf.port, timeout: 1_000 };
    const clock = new FakeClock();
    const late = expect(openTcp(target, clock, NEVER)).rejects.toMatchObject({
      code: 'connection-failed',
      message: `127.0.0.1:${deaf.port} does not answer within 1000 ms`,
    });
    await clock.advance(1_000);
    await late;
    const reason = new Error('enough');
    const aborter = new AbortController();
    const aborted = expect(openTcp(target, clock, aborter.signal)).rejects.toBe(reason);
    await clock.untilPending();
    aborter.abort(reason);
    await aborted;
    expect(clock.pending).toBe(0);
  });
});

/** A listener whose queue is full and that never accepts: the kernel drops whoever knocks. */
async function deafListener(): Promise<{ readonly port: number } & AsyncDisposable> {
  const program =
    'import socket,sys; s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0); print(s.getsockname()[1],flush=True); sys.stdin.read()';
  const listener = spawn(peerPath('python'), ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(listener.stdout, 'data');
  const port = Number(line);
  const filler = connect(port, '127.0.0.1');
  await once(filler, 'connect');
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      filler.on('error', () => undefined).destroy();
      listener.kill('SIGKILL');
      await once(listener, 'exit');
    },
  };
}
