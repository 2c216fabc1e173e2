import { describe, expect, vi } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { addRange, countRanges, holes, type Ranges } from '../../src/model/ranges.ts';
import { sessionFacts } from '../support/formats.ts';
import { jsonFormat } from '../../src/forward/formats/json.ts';
import { connectMqtt } from '../../src/forward/mqtt.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { expectLedger } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { SlowLink } from '../support/slow-link.ts';

// Everything here goes from a real journal through Debian's broker to a centre's own parser.

vi.setConfig({ testTimeout: 60_000 });

const complete = { conflicts: [], faults: [] };

testWith('mosquitto', 'every committed reading arrives once, and the coverage has no hole', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.reported('destination-up');
  for (let commit = 0; commit < 20; commit += 1) await forwarding.record(50);
  await recipient.untilCovered(1000);
  await expectLedger(recipient, forwarding.journal);
  expect(recipient).toMatchObject({ ...complete, repeats: 0 });
  expect(recipient.lane('backlog')).toEqual([]);
});

testWith('mosquitto', 'status and catalogue are there for whoever subscribes later', async () => {
  await using broker = await startMosquitto();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url, { select: { domain: ['water'] } })]);
  await forwarding.record(1);
  await forwarding.reported('destination-up');
  await using recipient = await new Recipient().subscribe(broker.url);
  await recipient.until(({ arrived }) => arrived.length >= 2);
  expect(recipient.arrived.filter(({ retained }) => retained).map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'status', state: 'online' }),
      expect.objectContaining({ kind: 'catalogue', gateway: 'harbour-07', points: 1 }),
    ]),
  );
});

describe('when the gateway goes', () => {
  testWith('mosquitto', 'in good order it says so itself', async () => {
    await using broker = await startMosquitto();
    await using recipient = await new Recipient().subscribe(broker.url, 'weir/1/+/status');
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await recipient.until(({ arrived }) => arrived.length === 1);
    await forwarding.stop();
    await recipient.until(({ arrived }) => arrived.length === 2);
    expect(recipient.arrived.map(({ message }) => message)).toEqual([
      expect.objectContaining({ state: 'online' }),
      expect.objectContaining({ state: 'offline' }),
    ]);
  });

  testWith('mosquitto', 'without a word the broker speaks the last will', async () => {
    await using broker = await startMosquitto();
    await using recipient = await new Recipient().subscribe(broker.url, 'weir/1/+/status');
    const settings = {
      ...destinationAt(broker.url),
      clientId: 'weir-harbour-07-centre',
      user: undefined,
      tls: { ca: undefined, certificate: undefined, key: undefined, verify: true, minimum: '1.3' as const },
      will: jsonFormat.session(sessionFacts()).will,
    };
    const uplink = await connectMqtt(settings, systemClock, new AbortController().signal);
    uplink[Symbol.dispose]();
    await recipient.until(({ arrived }) => arrived.length === 1);
    expect(recipient.arrived[0]?.message).toMatchObject({ kind: 'status', state: 'offline' });
  });
});

describe('when the broker goes', () => {
  testWith(
    'mosquitto',
    'killed and started again, over and over, nothing is missing and repeats are identical',
    async () => {
      await using broker = await startMosquitto({ persistence: true });
      await using recipient = await new Recipient().subscribe(broker.url);
      await using forwarding = await openForwarding();
      await forwarding.deliver([destinationAt(broker.url)]);
      await forwarding.reported('destination-up');
      for (let kill = 1; kill <= 5; kill += 1) {
        const recording = forwarding.record(2000, 100);
        await broker.stop();
        await recording;
        await broker.start();
        await forwarding.reported('destination-up', kill + 1);
      }
      await recipient.untilCovered(10_000);
      await expectLedger(recipient, forwarding.journal);
      expect(recipient).toMatchObject(complete);
      expect(new Set(forwarding.told.map(({ event }) => event))).toEqual(
        new Set(['destination-up', 'destination-lost']),
      );
    },
  );

  testWith('mosquitto', 'readings pile up and all arrive when it is back', async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await broker.stop('SIGTERM');
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.record(20_000);
    expect(forwarding.status()).toMatchObject({
      pending: 20_000,
      backlog: 20_000,
      state: expect.stringMatching(/lost|ing/),
    });
    await broker.start();
    await recipient.untilCovered(20_000);
    await expectLedger(recipient, forwarding.journal);
    expect(recipient).toMatchObject({ ...complete, repeats: 0 });
    const begins = recipient.lane('backlog').map(({ covers }) => covers.after);
    expect(begins).toEqual(begins.toSorted((a, b) => a - b));
  });

  testWith('mosquitto', 'the newest of the backlog comes first where that is asked for', async () => {
    await using broker = await startMosquitto();
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.record(30_000);
    await forwarding.deliver([destinationAt(broker.url, { backlog: 'newest-first' })]);
    await recipient.untilCovered(30_000);
    expect(recipient.lane('backlog')[0]?.covers.after).toBe(20_000);
    expect(recipient.lane('backlog').at(-1)?.covers.upto).toBe(10_000);
    await expectLedger(recipient, forwarding.journal);
  });

  testWith(
    'mosquitto',
    'half open, it is noticed by the missing acknowledgement and everything arrives later',
    async () => {
      await using broker = await startMosquitto();
      await using recipient = await new Recipient().subscribe(broker.url);
      await using forwarding = await openForwarding();
      await forwarding.deliver([destinationAt(broker.url, { timeout: 500 })]);
      await forwarding.reported('destination-up');
      broker.pause();
      await forwarding.record(100);
      expect(await forwarding.reported('destination-lost')).toMatchObject({
        error: expect.stringContaining('no acknowledgement within 500 ms'),
      });
      broker.resume();
      await recipient.untilCovered(100);
      await expectLedger(recipient, forwarding.journal);
      expect(recipient).toMatchObject(complete);
    },
  );

  testWith(
    'mosquitto',
    'half open, it is noticed within one and a half keep-alives though nothing is sent',
    async () => {
      await using broker = await startMosquitto();
      await using forwarding = await openForwarding();
      await forwarding.deliver([destinationAt(broker.url, { keepAlive: 1000 })]);
      await forwarding.reported('destination-up');
      const began = performance.now();
      broker.pause();
      const { error } = await forwarding.reported('destination-lost');
      expect(performance.now() - began).toBeLessThan(1500 + 500);
      expect(error).toContain('nothing came for one and a half keep-alives');
    },
  );
});

testWith('mosquitto', 'over a slow link live readings overtake the backlog', async () => {
  await using broker = await startMosquitto();
  await using link = await new SlowLink(broker.port, 400_000).listen();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.record(20_000);
  await forwarding.deliver([destinationAt(link.url)]);
  await recipient.until(() => recipient.lane('backlog').length > 0);
  const latencies: number[] = [];
  while (forwarding.status().backlog > 0) {
    const upto = forwarding.journal.last + 10;
    const committed = performance.now();
    await forwarding.record(10);
    await recipient.until(({ contents }) => contents.has(upto));
    latencies.push(performance.now() - committed);
  }
  await recipient.untilCovered(forwarding.journal.last);
  await expectLedger(recipient, forwarding.journal);
  expect(latencies.length).toBeGreaterThan(3);
  expect(Math.max(...latencies)).toBeLessThan(1500);
});

testWith('mosquitto', 'a destination that is dead costs the others nothing', async () => {
  await using broker = await startMosquitto();
  await using dead = await startMosquitto();
  await dead.stop();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url), destinationAt(dead.url, { name: 'dead' })]);
  await forwarding.record(500);
  await recipient.untilCovered(500);
  await expectLedger(recipient, forwarding.journal);
  await forwarding.reported('destination-lost');
  expect(forwarding.status('dead')).toMatchObject({ state: 'lost', pending: 500, delivered: 0 });
  expect(forwarding.status('dead').error).toContain('nothing listens');
});

describe('a destination that wants only some readings', () => {
  testWith('mosquitto', 'gets those, and can prove that it has them all', async () => {
    await using broker = await startMosquitto();
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url, { select: { domain: ['water'] } })]);
    await forwarding.reported('destination-up');
    for (let commit = 0; commit < 10; commit += 1) {
      await forwarding.commit([0, 1, 0, 1, 2].map((point) => ({ point, value: commit })));
    }
    await recipient.untilCovered(50);
    expect([...recipient.contents.keys()]).toEqual(Array.from({ length: 10 }, (_, index) => 5 * index + 5));
    expect(recipient).toMatchObject(complete);
  });

  testWith('mosquitto', 'is told within ten seconds that there was nothing', async () => {
    const clock = new FakeClock();
    await using broker = await startMosquitto();
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url, { select: { domain: ['water'] }, timeout: 60_000 })], {
      clock,
    });
    await recipient.until(({ arrived }) => arrived.length >= 2);
    await forwarding.record(10);
    await clock.advance(9999);
    expect(recipient.data).toEqual([]);
    await clock.advance(1);
    await recipient.untilCovered(10);
    expect(recipient.data).toMatchObject([{ lane: 'live', readings: [], covers: { after: 0, upto: 10 } }]);
  });
});

/** What data messages covered without holding it, before a gap record had told of it; here every reading is selected. */
function coveredUntold({ arrived }: Recipient): Ranges {
  let told: Ranges = [];
  return arrived.flatMap(({ message }) => {
    if (message.kind === 'gap') told = addRange(told, message.covers);
    if (message.kind !== 'data') return [];
    const held = message.readings.map(({ seq }) => ({ after: seq - 1, upto: seq }));
    return holes(held.reduce(addRange, told), message.covers);
  });
}

testWith('mosquitto', 'what retention had to drop is announced, and counts as covered', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding({ keep: { size: 512 * 1024, age: 1e12 } });
  await forwarding.journal.destinations(['centre']);
  while ((await forwarding.journal.status()).oldest === 1) await forwarding.record(100_000);
  const total = forwarding.journal.last;
  await forwarding.deliver([destinationAt(broker.url)]);
  await recipient.untilCovered(total);
  const lost = recipient.gaps.reduce((sum, { count }) => sum + count, 0);
  expect(lost).toBeGreaterThan(0);
  expect(recipient.contents.size + lost).toBe(total);
  expect(countRanges(recipient.gaps.map(({ covers }) => covers))).toBe(lost);
  expect(coveredUntold(recipient)).toEqual([]);
});

describe('a broker that refuses', () => {
  testWith('mosquitto', 'a topic is named with it', async () => {
    const granted = ['status', 'catalogue', 'health'];
    const acl = granted.map((name) => `topic readwrite weir/1/harbour-07/${name}\n`).join('');
    await using broker = await startMosquitto({ settings: ['acl_file {folder}/acl'], files: { acl } });
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.record(1);
    const { error } = await forwarding.reported('destination-lost');
    expect(error).toBe('weir/1/harbour-07/live: not authorised (0x87)');
    expect(forwarding.status()).toMatchObject({ pending: 1 });
  });

  testWith('mosquitto', 'us altogether says so', async () => {
    await using broker = await startMosquitto({ anonymous: false });
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    const { error } = await forwarding.reported('destination-lost');
    expect(error).toMatch(/not authorised|wrong user name or password/);
  });

  testWith('mosquitto', 'large messages in its own way gets smaller ones, and every reading', async () => {
    // Mosquitto 2.0 answers with a reason code that MQTT 5 does not allow there.
    await using broker = await startMosquitto({ settings: ['message_size_limit 3000'] });
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.reported('destination-up');
    await forwarding.record(200);
    await recipient.untilCovered(200);
    await expectLedger(recipient, forwarding.journal);
  });
});
