import { afterEach, describe, expect, test } from 'vitest';
import type { Message, Uplink, UplinkSettings } from '../../src/forward/destination.ts';
import { connectMqtt } from '../../src/forward/mqtt.ts';
import { systemClock } from '../../src/model/clock.ts';
import { BrokerFarEnd, type Behaviour, type BrokerConnection } from '../support/broker-far-end.ts';
import { FakeClock } from '../support/fake-clock.ts';

// What a broker may do wrong, on the wire. The broker is ours, made of bytes; the client is the real one.

const message: Message = {
  topic: 'weir/1/harbour-07/live',
  payload: Buffer.from('{}'),
  qos: 1,
  retain: false,
  properties: { gateway: 'harbour-07' },
};

const patient = new AbortController().signal;

function settingsFor(url: string, changes: Partial<UplinkSettings> = {}): UplinkSettings {
  return {
    url,
    clientId: 'weir-harbour-07-centre',
    user: undefined,
    tls: { ca: undefined, certificate: undefined, key: undefined, verify: true, minimum: '1.3' },
    keepAlive: 30_000,
    timeout: 5000,
    will: { ...message, topic: 'weir/1/harbour-07/status', retain: true },
    ...changes,
  };
}

const cleanup = new Set<Disposable>();
afterEach(() => {
  for (const uplink of cleanup) uplink[Symbol.dispose]();
  cleanup.clear();
});

async function connected(broker: BrokerFarEnd, changes: Partial<UplinkSettings> = {}): Promise<Uplink> {
  const uplink = await connectMqtt(settingsFor(broker.url, changes), systemClock, patient);
  cleanup.add(uplink);
  return uplink;
}

function farEnd(behaviour: Behaviour = {}): Promise<BrokerFarEnd> {
  return new BrokerFarEnd(behaviour).listen();
}

describe('connecting', () => {
  test('speaks MQTT 5 and takes over the limits of the broker', async () => {
    // Receive maximum 7, maximum packet size 512 (MQTT 5 3.2.2.3).
    await using broker = await farEnd({ connect: (client) => client.connack(0, [0x21, 0, 7, 0x27, 0, 0, 2, 0]) });
    const uplink = await connected(broker);
    expect(uplink.protocol).toBe('MQTT 5');
    expect(uplink.limits).toEqual({ inFlight: 7, packet: 512 });
  });

  const oldBrokers: [string, (client: BrokerConnection) => void][] = [
    ['refuses version 5 in the words of version 5', (client) => client.connack(0x84)],
    ['refuses version 5 in the words of 3.1.1', (client) => client.send([0x20, 2, 0, 1])],
    ['closes when it sees version 5', (client) => client.socket.end()],
  ];
  test.each(oldBrokers)('speaks MQTT 3.1.1 with a broker that %s', async (_, refuse) => {
    await using broker = await farEnd({
      connect: (client) => (client.version === 5 ? refuse(client) : client.connack()),
    });
    const uplink = await connected(broker);
    expect(uplink.protocol).toBe('MQTT 3.1.1');
    await expect(uplink.publish(message)).resolves.toBeUndefined();
  });

  test('leaves out the retain flags where the broker keeps nothing', async () => {
    let attempts = 0;
    const retained: boolean[] = [];
    await using broker = await farEnd({
      connect: (client) => client.connack((attempts += 1) === 1 ? 0x9a : 0, attempts === 1 ? [] : [0x25, 0]),
      publish: (client, { id, retain }) => {
        retained.push(retain);
        client.puback(id);
      },
    });
    const uplink = await connected(broker);
    await uplink.publish({ ...message, retain: true });
    expect(retained).toEqual([false]);
  });

  test.each([
    [0x86, 'wrong user name or password'],
    [0x87, 'not authorised'],
    [0x97, 'quota'],
    [0x88, 'not available'],
  ])('says why it was refused with %d', async (code, words) => {
    await using broker = await farEnd({ connect: (client) => client.connack(code) });
    await expect(connected(broker)).rejects.toMatchObject({
      code: 'destination-refused',
      message: expect.stringContaining(words),
    });
  });

  test('refuses a broker that acknowledges nothing', async () => {
    await using broker = await farEnd({ connect: (client) => client.connack(0, [0x24, 0]) });
    await expect(connected(broker)).rejects.toMatchObject({ code: 'destination-refused' });
  });

  test('gives up on a broker that accepts the connection and then says nothing', async () => {
    await using broker = await farEnd({ connect: () => undefined });
    const clock = new FakeClock();
    const attempt = connectMqtt(settingsFor(broker.url), clock, patient);
    await broker.connected(1);
    await Promise.all([
      expect(attempt).rejects.toMatchObject({
        code: 'destination-unreachable',
        message: expect.stringContaining('5000 ms'),
      }),
      clock.advance(5000),
    ]);
  });

  test('ends at once when it is aborted', async () => {
    const stop = new AbortController();
    await using broker = await farEnd({ connect: () => stop.abort(new Error('enough')) });
    await expect(connectMqtt(settingsFor(broker.url), systemClock, stop.signal)).rejects.toThrow('enough');
  });

  test('says that nothing listens', async () => {
    const broker = await farEnd();
    const { url } = broker;
    await broker[Symbol.asyncDispose]();
    await expect(connectMqtt(settingsFor(url), systemClock, patient)).rejects.toMatchObject({
      code: 'destination-unreachable',
      message: expect.stringContaining('nothing listens'),
    });
  });
});

describe('publishing', () => {
  test('rejects what is pending when the broker goes away', async () => {
    await using broker = await farEnd({ publish: (client) => client.socket.destroy() });
    const uplink = await connected(broker);
    await expect(uplink.publish(message)).rejects.toMatchObject({ code: 'destination-lost' });
    await expect(uplink.closed).resolves.toMatchObject({ code: 'destination-lost' });
    await expect(uplink.publish(message)).rejects.toMatchObject({ code: 'destination-lost' });
  });

  test('gives up on a broker that never acknowledges', async () => {
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<void>();
    await using broker = await farEnd({ publish: () => arrived.resolve() });
    const uplink = await connectMqtt(settingsFor(broker.url), clock, patient);
    cleanup.add(uplink);
    const publication = expect(uplink.publish(message)).rejects.toThrow('no acknowledgement within 5000 ms');
    await arrived.promise;
    await clock.advance(5000);
    await publication;
  });

  test('gives the whole time to each message that waits behind another', async () => {
    const clock = new FakeClock();
    const ids: number[] = [];
    let client: BrokerConnection | undefined;
    const both = Promise.withResolvers<void>();
    await using broker = await farEnd({
      publish: (connection, { id }) => {
        client = connection;
        if (ids.push(id) === 2) both.resolve();
      },
    });
    const uplink = await connectMqtt(settingsFor(broker.url), clock, patient);
    cleanup.add(uplink);
    const first = uplink.publish(message);
    const second = uplink.publish(message);
    await both.promise;
    await clock.advance(4000);
    client?.puback(ids[0] ?? 0);
    await first;
    await clock.advance(4000);
    client?.puback(ids[1] ?? 0);
    await expect(second).resolves.toBeUndefined();
  });

  test('takes an acknowledgement of something else, or a second one, for none', async () => {
    const clock = new FakeClock();
    let count = 0;
    const answered = Promise.withResolvers<void>();
    await using broker = await farEnd({
      publish: (client, { id }) => {
        count += 1;
        client.puback(count === 1 ? id : id + 1000);
        client.puback(count === 1 ? id : id + 1001);
        if (count === 2) answered.resolve();
      },
    });
    const uplink = await connectMqtt(settingsFor(broker.url), clock, patient);
    cleanup.add(uplink);
    await expect(uplink.publish(message)).resolves.toBeUndefined();
    const second = expect(uplink.publish(message)).rejects.toThrow('no acknowledgement');
    await answered.promise;
    await clock.advance(5000);
    await second;
  });

  test.each([
    [0x99, 'message-refused'],
    [0x87, 'destination-refused'],
    [0x97, 'destination-refused'],
    [0x80, 'destination-refused'],
  ])('a reason code %d means %s', async (reason, code) => {
    await using broker = await farEnd({ publish: (client, { id }) => client.puback(id, reason) });
    const uplink = await connected(broker);
    await expect(uplink.publish(message)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message.topic),
    });
  });

  test('goes on after a message that was refused by itself', async () => {
    await using broker = await farEnd({
      publish: (client, { id, payload }) => client.puback(id, payload === 'poison' ? 0x99 : 0),
    });
    const uplink = await connected(broker);
    await expect(uplink.publish({ ...message, payload: Buffer.from('poison') })).rejects.toThrow();
    await expect(uplink.publish(message)).resolves.toBeUndefined();
  });

  test('takes a message without subscribers for taken', async () => {
    await using broker = await farEnd({ publish: (client, { id }) => client.puback(id, 0x10) });
    const uplink = await connected(broker);
    await expect(uplink.publish(message)).resolves.toBeUndefined();
  });

  test('refuses by itself what the broker has said to be too large', async () => {
    let published = 0;
    await using broker = await farEnd({
      connect: (client) => client.connack(0, [0x27, 0, 0, 2, 0]),
      publish: () => (published += 1),
    });
    const uplink = await connected(broker);
    const large = { ...message, payload: Buffer.alloc(500) };
    await expect(uplink.publish(large)).rejects.toMatchObject({ code: 'message-refused' });
    expect(published).toBe(0);
  });

  test('says whom to look for when another client takes the id', async () => {
    await using broker = await farEnd({ publish: (client) => client.disconnect(0x8e) });
    const uplink = await connected(broker);
    await expect(uplink.publish(message)).rejects.toMatchObject({
      code: 'destination-refused',
      message: expect.stringContaining('same gateway.id'),
    });
  });
});

describe('a hostile broker', () => {
  const garbage: [string, (client: BrokerConnection) => void][] = [
    ['garbage', (client) => client.send([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a second CONNACK', (client) => client.connack()],
    ['a topic alias that was never agreed', (client) => client.send([0x30, 7, 0, 0, 3, 0x23, 0, 1, 0x78])],
    [
      'a packet without end',
      (client) => {
        client.send([0x30, 0xff, 0xff, 0xff, 0x7f]);
        client.socket.write(Buffer.alloc(1024 * 1024));
      },
    ],
  ];
  test.each(garbage)('that sends %s ends the session and nothing else', async (_, attack) => {
    await using broker = await farEnd();
    const uplink = await connected(broker);
    for (const client of broker.connections) attack(client);
    await expect(uplink.closed).resolves.toMatchObject({ code: expect.stringContaining('destination-') });
  });
});
