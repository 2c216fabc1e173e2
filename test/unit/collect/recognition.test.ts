import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { recogniseLine, type RecognitionStep } from '../../../src/collect/recognition.ts';
import type { Recognition } from '../../../src/collect/driver.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { scriptedDriver } from '../../support/scripted-driver.ts';

const never = new AbortController().signal;

/** A device server; `answer` is told each chunk that arrives, undefined when somebody connected. */
async function deviceServer(answer: (chunk: Buffer | undefined, socket: Socket) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => answer(chunk, socket));
    answer(undefined, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    place: { host: '127.0.0.1', port: address.port },
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const speaks = (word: string, baud: number, question?: string): Recognition => ({
  line: { baud, dataBits: 8, parity: 'none', stopBits: 1 },
  patience: 150,
  ...(question !== undefined && { question: Buffer.from(question) }),
  recognise: (heard) =>
    Buffer.from(heard).includes(word)
      ? { summary: `it said ${word}`, serial: {}, network: { transport: 'tcp' }, device: { address: 7 } }
      : undefined,
});

const driver = (name: string, ...recognitions: readonly Recognition[]) => ({
  ...scriptedDriver({ read: async () => [] }, { recognitions }),
  name,
});

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

async function steps(all: AsyncIterable<RecognitionStep>): Promise<readonly RecognitionStep[]> {
  const seen: RecognitionStep[] = [];
  for await (const step of all) seen.push(step);
  return seen;
}

describe('a line of which nothing is known', () => {
  test('is listened to first, for all that speak by themselves at once, whatever the chunks', async () => {
    await using server = await deviceServer((chunk, socket) => {
      if (chunk === undefined) socket.write('noise hel');
      setImmediate(() => socket.write('lo'));
    });
    const drivers = [
      driver('asks', speaks('yes', 300, '?')),
      driver('one', speaks('hi', 9_600)),
      driver('two', speaks('hello', 2_400)),
    ];
    const seen = await steps(recogniseLine(server.place, drivers, systemClock, never));
    expect(seen).toEqual([
      {
        attempt: 'listening',
        done: 1,
        total: 2,
        unknown: 0,
        found: expect.objectContaining({ driver: 'two', summary: 'it said hello', device: { address: 7 } }),
      },
    ]);
  });

  test('is asked in one protocol after the other, each question once over a network; an echo is no answer', async () => {
    await using server = await deviceServer((chunk, socket) => {
      if (chunk === undefined) return;
      socket.write(chunk);
      if (chunk.toString() === 'yes?') socket.write('yes');
    });
    const drivers = [
      driver('one', speaks('ping', 300, 'ping'), speaks('ping', 600, 'ping')),
      driver('two', speaks('yes', 9_600, 'yes?')),
    ];
    const seen = await steps(recogniseLine(server.place, drivers, systemClock, never));
    expect(seen.map(({ attempt, unknown, found }) => [attempt, unknown, found?.driver])).toEqual([
      ['asking in one', 4, undefined],
      ['asking in two', 0, 'two'],
    ]);
    expect(server.connections()).toBe(2);
  });

  test('of a network is asked at once what only networks have, and asked on by whoever is hung up on', async () => {
    await using server = await deviceServer((chunk, socket) => {
      if (chunk?.toString() === 'yes?') socket.write('yes');
      else if (chunk !== undefined) socket.destroy();
    });
    const drivers = [
      driver('one', speaks('ping', 300, 'ping')),
      driver('two', { ...speaks('pong', 300, 'pong'), isOfNetwork: true }, speaks('yes', 300, 'yes?')),
    ];
    const seen = await steps(recogniseLine(server.place, drivers, systemClock, never));
    expect(seen.map(({ attempt, found }) => [attempt, found?.driver])).toEqual([
      ['asking in two', undefined],
      ['asking in one', undefined],
      ['asking in two', 'two'],
    ]);
  });

  test('that is Modbus over TCP is known by any answer, an exception too', async () => {
    const answers = { data: '574500000005 01 03 02 0007', exception: '574500000003 01 83 0b' };
    for (const [what, answer] of Object.entries(answers)) {
      await using server = await deviceServer((chunk, socket) => {
        if (chunk?.toString('hex') === '574500000006010300000001') socket.write(bytesOf(answer));
      });
      const [step, ...more] = await steps(recogniseLine(server.place, [modbus], systemClock, never));
      expect([what, more, step?.found]).toMatchObject([
        what,
        [],
        { driver: 'modbus', network: { transport: 'tcp' }, device: { unit: 1 } },
      ]);
    }
  });

  test('on which nobody is leaves nothing found, and says what was tried', async () => {
    await using server = await deviceServer(() => undefined);
    const seen = await steps(
      recogniseLine(server.place, [driver('one', speaks('a', 300), speaks('b', 300, 'b'))], systemClock, never),
    );
    expect(seen).toEqual([
      { attempt: 'listening', done: 1, total: 2, unknown: 0 },
      { attempt: 'asking in one', done: 2, total: 2, unknown: 0 },
    ]);
  });

  test('that breaks is told as that', async () => {
    await using server = await deviceServer((_chunk, socket) => socket.destroy());
    await expect(
      steps(recogniseLine(server.place, [driver('one', speaks('a', 300))], systemClock, never)),
    ).rejects.toMatchObject({
      code: 'connection-lost',
    });
  });

  test('is left at once when the one who asked has seen enough', async () => {
    await using server = await deviceServer(() => undefined);
    const enough = new AbortController();
    const patient = { ...speaks('a', 300), patience: 60_000 };
    const seen = steps(recogniseLine(server.place, [driver('one', patient)], systemClock, enough.signal));
    enough.abort(new Error('enough'));
    await expect(seen).rejects.toThrow('enough');
  });
});
