import { describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import { addRange, type Ranges } from '../../src/model/ranges.ts';
import { BrokerFarEnd, type Behaviour, type BrokerConnection, type Publication } from '../support/broker-far-end.ts';
import { destinationAt, openForwarding, type Forwarding } from '../support/forwarding.ts';

// A whole forwarder against a broker that breaks the rules; the broker is ours, made of bytes.

type Body = {
  readonly covers: readonly [number, number];
  readonly readings?: readonly { readonly seq: number; readonly value: unknown }[];
  readonly reason?: string;
};

/** What the broker has acknowledged, as a centre would account for it. */
class Account {
  readonly values = new Map<number, unknown>();
  readonly gaps: Body[] = [];
  covered: Ranges = [];
  readonly #waiting = new Set<() => void>();

  take({ topic, payload }: Publication): void {
    if (!/\/(live|backlog|gap)$/.test(topic)) return;
    const body = JSON.parse(payload) as Body;
    this.covered = addRange(this.covered, { after: body.covers[0], upto: body.covers[1] });
    for (const { seq, value } of body.readings ?? []) this.values.set(seq, value);
    if (topic.endsWith('/gap')) this.gaps.push(body);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async untilCovered(upto: number): Promise<void> {
    while (this.covered[0]?.after !== 0 || this.covered[0].upto < upto) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}

/** Acknowledges, and books what it acknowledges, unless `refuse` has dealt with it. */
function accountant(
  account: Account,
  refuse: (client: BrokerConnection, publication: Publication) => boolean,
): NonNullable<Behaviour['publish']> {
  return (client, publication) => {
    if (refuse(client, publication)) return;
    account.take(publication);
    client.puback(publication.id);
  };
}

const POISON = 'poison';

async function recordWithPoison(forwarding: Forwarding): Promise<void> {
  const readings = Array.from({ length: 300 }, (_, index) => ({ point: index % 2, value: index }));
  await forwarding.commit(readings.map((reading, index) => (index === 123 ? { ...reading, value: POISON } : reading)));
}

/** One more reading whenever the destination is back: the meters do not stop for one message. */
async function goOnRecording(forwarding: Forwarding): Promise<never> {
  for (let connections = 2; ; connections += 1) {
    await forwarding.reported('destination-up', connections);
    await forwarding.record(1);
  }
}

describe('one reading that the broker does not take', () => {
  test('is found by halving, announced as lost, and all others arrive', async () => {
    const account = new Account();
    const publish = accountant(account, (client, { id, payload }) => {
      const isPoison = payload.includes(POISON);
      if (isPoison) client.puback(id, 0x99);
      return isPoison;
    });
    await using broker = await new BrokerFarEnd({ publish }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await recordWithPoison(forwarding);
    await account.untilCovered(300);
    expect(account.gaps).toMatchObject([{ reason: 'refused', count: 1 }]);
    expect(account.values.size).toBe(299);
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
    const account = new Account();
    const publish = accountant(account, (client, { payload }) => {
      const isPoison = payload.includes(POISON);
      if (isPoison) end(client);
      return isPoison;
    });
    await using broker = await new BrokerFarEnd({ publish }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await recordWithPoison(forwarding);
    void goOnRecording(forwarding);
    await account.untilCovered(300);
    expect(account.gaps).toMatchObject([{ reason: 'refused', count: 1, covers: [123, 124] }]);
    expect([...account.values.keys()].filter((sequence) => sequence <= 300).length).toBe(299);
    expect(await forwarding.reported('message-refused')).toMatchObject({ sequence: 124 });
  });
});

describe('limits that the broker names are kept', () => {
  test('a receive maximum of one: never two messages unacknowledged, of whatever kind', async () => {
    let open = 0;
    let most = 0;
    const account = new Account();
    await using broker = await new BrokerFarEnd({
      connect: (client) => client.connack(0, [0x21, 0, 1]),
      publish: (client, publication) => {
        open += 1;
        most = Math.max(most, open);
        setImmediate(() => {
          open -= 1;
          account.take(publication);
          client.puback(publication.id);
        });
      },
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.record(5000);
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.record(500, 50);
    await account.untilCovered(5500);
    expect(most).toBe(1);
    expect(account.values.size).toBe(5500);
  });

  test('a maximum packet size of 512: what fits arrives, what cannot is announced', async () => {
    const account = new Account();
    let longest = 0;
    await using broker = await new BrokerFarEnd({
      connect: (client) => client.connack(0, [0x27, 0, 0, 2, 0]),
      publish: accountant(account, (_, { payload }) => {
        longest = Math.max(longest, payload.length);
        return false;
      }),
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.commit([1, 2, 'x'.repeat(600), 4, 5].map((value) => ({ point: 0, value })));
    await account.untilCovered(5);
    expect([...account.values.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5]);
    expect(account.gaps).toMatchObject([{ reason: 'refused', count: 1 }]);
    expect(longest).toBeLessThan(512);
  });
});

test('a broker that acknowledges everything twice, and others in between, moves nothing twice', async () => {
  const account = new Account();
  await using broker = await new BrokerFarEnd({
    publish: (client, publication) => {
      account.take(publication);
      client.puback(publication.id);
      client.puback(publication.id);
      client.puback(publication.id + 20_000);
    },
  }).listen();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.record(1000, 20);
  await account.untilCovered(1000);
  expect(account.values.size).toBe(1000);
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
    await using broker = await new BrokerFarEnd({
      publish: (client, { id, topic }) => {
        client.puback(id);
        if (!topic.endsWith('/live') && !topic.endsWith('/backlog')) return;
        data += 1;
        client.disconnect(0x8e);
      },
    }).listen();
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)], { clock: hurried(waits), backoff });
    const feeding = (async () => {
      while (waits.length < 6) {
        await forwarding.record(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await feeding;
    expect(data).toBeGreaterThanOrEqual(5);
    expect(waits.filter((wait) => wait > 0).slice(1, 5)).toEqual([2000, 4000, 8000, 16_000]);
  });
});

test('a reading that is suspected does not hold up a backlog: it is tried as soon as another message has passed', async () => {
  const account = new Account();
  let sinceTrial = 0;
  const gathered: number[] = [];
  const publish = accountant(account, (client, { topic, payload }) => {
    sinceTrial += topic.endsWith('/backlog') ? 1 : 0;
    if (!payload.includes(POISON)) return false;
    gathered.push(sinceTrial);
    sinceTrial = 0;
    client.socket.destroy();
    return true;
  });
  await using broker = await new BrokerFarEnd({ publish }).listen();
  await using forwarding = await openForwarding();
  await forwarding.record(1);
  await forwarding.commit([{ point: 0, value: POISON }]);
  await forwarding.record(20_000);
  await forwarding.deliver([destinationAt(broker.url, { window: 1 })]);
  await account.untilCovered(20_002);
  expect(account.gaps).toMatchObject([{ reason: 'refused', covers: [1, 2] }]);
  expect(account.values.size).toBe(20_001);
  expect(Math.max(...gathered.slice(1))).toBeLessThan(20);
});
