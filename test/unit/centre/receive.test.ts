import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Aedes, type AedesOptions } from 'aedes';
import { describe, expect, test } from 'vitest';
import { receive, type BrokerSettings } from '../../../src/centre/receive.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { freePort } from '../../support/free-port.ts';
import { brokerAt } from '../../support/running-centre.ts';

async function startBroker(options: AedesOptions = {}): Promise<{ readonly url: string } & AsyncDisposable> {
  const broker = await Aedes.createBroker(options);
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(resolve));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves when the subscriptions stand, and rejects when they never will. */
function subscribed(broker: BrokerSettings, filters: readonly string[] = ['weir/1/+/live']): Promise<void> {
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    const reception = { broker, filters, clock: systemClock, take: () => undefined, subscribed: () => stop.abort() };
    receive(reception, stop.signal).catch((error: unknown) => (stop.signal.aborted ? resolve() : reject(error)));
  });
}

test('user and password are shown to the broker', async () => {
  await using broker = await startBroker({
    authenticate: (_client, user, password, done) =>
      done(null, user === 'centre' && password?.toString() === 'correct'),
  });
  const centre = (password: string): BrokerSettings => brokerAt(broker.url, { user: { name: 'centre', password } });
  await subscribed(centre('correct'));
  await expect(subscribed(centre('wrong'))).rejects.toMatchObject({ code: 'destination-refused' });
});

test('a subscription that the broker refuses is named', async () => {
  await using broker = await startBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.endsWith('/gap') ? null : subscription),
  });
  const filters = ['weir/1/+/live', 'weir/1/+/gap'];
  await expect(subscribed(brokerAt(broker.url), filters)).rejects.toMatchObject({
    code: 'destination-refused',
    message: expect.stringContaining('subscription to weir/1/+/gap'),
  });
});

test('a port where nothing listens is said to be one', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  await expect(subscribed(brokerAt(url))).rejects.toMatchObject({
    code: 'destination-unreachable',
    message: expect.stringContaining('nothing listens on this port'),
  });
});

/** Says `answer` to the first bytes it hears, and nothing more. */
async function playedBroker(answer: Buffer | undefined): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    if (answer !== undefined) socket.once('data', () => socket.write(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a broker', () => {
  test('that does not answer is given up after the timeout', async () => {
    await using broker = await playedBroker(undefined);
    await expect(subscribed(brokerAt(broker.url, { timeout: 50 }))).rejects.toMatchObject({
      code: 'destination-unreachable',
      message: expect.stringContaining('no connection within 50 ms'),
    });
  });

  test('that sends a packet without end is left before it fills the memory', async () => {
    // A CONNACK, then a PUBLISH of 256 MB, of which 8 MB come.
    const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
    const publish = Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]);
    await using broker = await playedBroker(Buffer.concat([connack, publish, Buffer.alloc(8 * 1024 * 1024)]));
    await expect(subscribed(brokerAt(broker.url))).rejects.toMatchObject({
      code: 'destination-lost',
      message: expect.stringContaining('a packet without end'),
    });
  });

  test('that has given our client id to another one is not fought for it', async () => {
    const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
    const takenOver = Buffer.from([0xe0, 0x02, 0x8e, 0x00]);
    await using broker = await playedBroker(Buffer.concat([connack, takenOver]));
    await expect(subscribed(brokerAt(broker.url))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('another client has connected as weir-centre-test'),
    });
  });

  test('that speaks something else is left', async () => {
    await using broker = await playedBroker(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(subscribed(brokerAt(broker.url))).rejects.toMatchObject({ code: 'destination-lost' });
  });
});
