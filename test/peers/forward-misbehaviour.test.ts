import { describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import type { EventName } from '../../src/ops/events.ts';
import { BookingBroker } from '../support/booking-broker.ts';
import { BrokerFarEnd, type BrokerConnection } from '../support/broker-far-end.ts';
import { expectLedger } from '../support/delivered.ts';
import { destinationAt, openForwarding, type Forwarding } from '../support/forwarding.ts';

// A whole forwarder against a broker that breaks the rules; the broker is ours, made of bytes, and books what it
// acknowledges by the ledger of `weir centre`.

const POISON = 'poison';

async function recordWithPoison(forwarding: Forwarding): Promise<void> {
  const readings = Array.from({ length: 300 }, (_, index) => ({ point: index % 2, value: index }));
  await forwarding.commit(readings.map((reading, index) => (index === 123 ? { ...reading, value: POISON } : reading)));
}

const POISONED = { after: 123, upto: 124, count: 1, reason: 'refused' };

/** One more reading whenever the destination is back: the meters do not stop for one message. */
async function goOnRecording(forwarding: Forwarding): Promise<never> {
  for (let connections = 2; ; connections += 1) {
    await forwarding.reported('destination-up', connections);
    await forwarding.record(1);
  }
}

function timesTold({ told }: Forwarding, name: EventName): number {
  return told.filter(({ event }) => event === name).length;
}

describe('one reading that the broker does not take', () => {
  test('is found by halving, announced as lost, and all others arrive', async () => {
    const booking = new BookingBroker((client, { id, payload }) => {
      const isPoison = payload.includes(POISON);
      if (isPoison) client.puback(id, 0x99);
      return isPoison;
    });
    await using broker = await new BrokerFarEnd({ publish: booking.publish }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await recordWithPoison(forwarding);
    await booking.untilCovered(300);
    await expectLedger(booking, forwarding.journal, [POISONED]);
    expect(await forwarding.reported('message-refused')).toMatchObject({ point: 'meter/energy', sequence: 124 });
    expect(forwarding.told.map(({ event }) => event)).toEqual(['destination-up', 'message-refused']);
    expect(broker.connections.length).toBe(1);
  });

  const silent: [string, (client: BrokerConnection) => void][] = [
    ['closes the connection', (client) => client.socket.destroy()],
    ['says that the packet is too large', (client) => client.disconnect(0x95)],
    ['answers with a code that no acknowledgement has', (client) => client.send([0x40, 3, 0, 1, 0x95])],
  ];
  test.each(silent)('is found too where the broker %s instead', async (_, end) => {
    const booking = new BookingBroker((client, { payload }) => {
      const isPoison = payload.includes(POISON);
      if (isPoison) end(client);
      return isPoison;
    });
    await using broker = await new BrokerFarEnd({ publish: booking.publish }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await recordWithPoison(forwarding);
    void goOnRecording(forwarding);
    await booking.untilCovered(300);
    const ends = timesTold(forwarding, 'destination-lost'); // after each of them one reading more
    await booking.untilCovered(300 + ends);
    await expectLedger(booking, forwarding.journal, [POISONED]);
    expect(await forwarding.reported('message-refused')).toMatchObject({ sequence: 124 });
    expect(timesTold(forwarding, 'destination-up')).toBe(1 + ends);
    expect(forwarding.told).toHaveLength(1 + 2 * ends + 1);
  });
});

describe('limits that the broker names are kept', () => {
  test('a receive maximum of one: never two messages unacknowledged, of whatever kind', async () => {
    let open = 0;
    let most = 0;
    const booking = new BookingBroker();
    await using broker = await new BrokerFarEnd({
      connect: (client) => client.connack(0, [0x21, 0, 1]),
      publish: (client, publication) => {
        open += 1;
        most = Math.max(most, open);
        setImmediate(() => {
          open -= 1;
          booking.publish(client, publication);
        });
      },
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.record(5000);
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.record(500, 50);
    await booking.untilCovered(5500);
    expect(most).toBe(1);
    await expectLedger(booking, forwarding.journal);
    expect(booking.report().repeats).toBe(0);
    expect(forwarding.told.map(({ event }) => event)).toEqual(['destination-up']);
  });

  test('a maximum packet size of 512: what fits arrives, what cannot is announced', async () => {
    let longest = 0;
    const booking = new BookingBroker((_, { payload }) => {
      longest = Math.max(longest, payload.length);
      return false;
    });
    await using broker = await new BrokerFarEnd({
      connect: (client) => client.connack(0, [0x27, 0, 0, 2, 0]),
      publish: booking.publish,
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.commit([1, 2, 'x'.repeat(600), 4, 5].map((value) => ({ point: 0, value })));
    await booking.untilCovered(5);
    await expectLedger(booking, forwarding.journal, [{ after: 2, upto: 3, count: 1, reason: 'refused' }]);
    expect(longest).toBeLessThan(512);
    const refusals = forwarding.told.filter(({ event }) => event === 'message-refused').map(({ fields }) => fields);
    expect(forwarding.told.length - refusals.length).toBe(1);
    const refused = refusals.map(({ sequence, error }) => sequence ?? error);
    expect(refused).toHaveLength(2);
    expect(refused).toEqual(expect.arrayContaining([3, expect.stringContaining('/catalogue: a packet of')]));
  });
});

test('a broker that acknowledges everything twice, and others in between, moves nothing twice', async () => {
  const booking = new BookingBroker();
  await using broker = await new BrokerFarEnd({
    publish: (client, publication) => {
      booking.publish(client, publication);
      client.puback(publication.id);
      client.puback(publication.id + 20_000);
    },
  }).listen();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.record(1000, 20);
  await booking.untilCovered(1000);
  await expectLedger(booking, forwarding.journal);
  expect(booking.report().repeats).toBe(0);
  expect(forwarding.told.map(({ event }) => event)).toEqual(['destination-up']);
});

/** The system's clock, but every wait is noted and lasts a millisecond. */
function hurried(waits: number[]): Clock {
  return {
    ...systemClock,
    sleep: (milliseconds, signal) => {
      waits.push(milliseconds);
      return systemClock.sleep(1, signal);
    },
  };
}

/** A broker that lets whoever comes in, and throws him out at once. */
function turnsAway(): Promise<BrokerFarEnd> {
  return new BrokerFarEnd({
    connect: (client) => {
      client.connack();
      client.socket.end();
    },
  }).listen();
}

describe('a broker that lets us in and throws us out at once', () => {
  const backoff = { first: 1000, longest: 60_000, jitter: 0 };

  test('is left alone for longer and longer', async () => {
    const waits: number[] = [];
    await using broker = await turnsAway();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)], { clock: hurried(waits), backoff });
    await broker.connected(9);
    expect(waits.filter((wait) => wait > 0).slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
  });

  test('sees us again, after a loss, at random within the spread that is configured', async () => {
    const waits: number[] = [];
    await using broker = await turnsAway();
    await using forwarding = await openForwarding();
    const spread = { reconnect: { spread: 600_000 } };
    await forwarding.deliver([destinationAt(broker.url, spread)], { clock: hurried(waits), backoff });
    await broker.connected(6);
    const atRandom = waits.filter((wait) => wait > 0 && !Number.isInteger(wait));
    expect(atRandom.length).toBeGreaterThanOrEqual(5);
    expect(new Set(atRandom).size).toBe(atRandom.length);
    expect(Math.max(...atRandom)).toBeLessThan(600_000);
    expect(Math.max(...atRandom)).toBeGreaterThan(1000);
  });

  test('is left alone for longer and longer also when it takes messages before another client has our id', async () => {
    const waits: number[] = [];
    let data = 0;
    const booking = new BookingBroker();
    await using broker = await new BrokerFarEnd({
      publish: (client, publication) => {
        booking.publish(client, publication);
        if (waits.length >= 6 || !/\/(live|backlog)$/.test(publication.topic)) return;
        data += 1;
        client.disconnect(0x8e);
      },
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)], { clock: hurried(waits), backoff });
    while (waits.length < 6) {
      await forwarding.record(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(data).toBeGreaterThanOrEqual(5);
    expect(waits.filter((wait) => wait > 0).slice(1, 5)).toEqual([2000, 4000, 8000, 16_000]);
    await booking.untilCovered(forwarding.journal.last);
    await expectLedger(booking, forwarding.journal);
    const ends = timesTold(forwarding, 'destination-lost');
    expect(timesTold(forwarding, 'destination-up')).toBe(1 + ends);
    expect(forwarding.told).toHaveLength(1 + 2 * ends);
  });
});

test('a reading that is suspected does not hold up a backlog: it is tried as soon as another message has passed', async () => {
  let sinceTrial = 0;
  const gathered: number[] = [];
  const booking = new BookingBroker((client, { topic, payload }) => {
    sinceTrial += topic.endsWith('/backlog') ? 1 : 0;
    if (!payload.includes(POISON)) return false;
    gathered.push(sinceTrial);
    sinceTrial = 0;
    client.socket.destroy();
    return true;
  });
  await using broker = await new BrokerFarEnd({ publish: booking.publish }).listen();
  await using forwarding = await openForwarding();
  await forwarding.record(1);
  await forwarding.commit([{ point: 0, value: POISON }]);
  await forwarding.record(20_000);
  await forwarding.deliver([destinationAt(broker.url, { window: 1 })]);
  await booking.untilCovered(20_002);
  await expectLedger(booking, forwarding.journal, [{ after: 1, upto: 2, count: 1, reason: 'refused' }]);
  expect(Math.max(...gathered.slice(1))).toBeLessThan(20);
});
