import { expect } from 'vitest';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { SlowLink } from '../support/slow-link.ts';
import { testLength } from '../support/test-length.ts';

/** How often the broker is killed, and how many milliseconds apart at least. */
const KILLS = testLength({ full: { times: 100, every: 3000 }, short: { times: 50, every: 0 } });

const complete = { conflicts: [], faults: [] };

testWith(
  'mosquitto',
  '150 000 readings of an outage drain over a slow link while live ones keep their latency',
  async () => {
    await using broker = await startMosquitto();
    await using link = await new SlowLink(broker.port, 1_500_000).listen();
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.record(150_000);
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
    expect(recipient.contents.size).toBe(forwarding.journal.last);
    expect(recipient).toMatchObject(complete);
    expect(Math.max(...latencies)).toBeLessThan(2000);
  },
);

testWith('mosquitto', 'a link too slow for what is read: live stays within seconds, the rest follows', async () => {
  await using broker = await startMosquitto();
  await using link = await new SlowLink(broker.port, 200_000).listen();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(link.url)]);
  await forwarding.reported('destination-up');
  const committed = new Map<number, number>();
  // Twice what the link carries, for fifteen seconds.
  for (const began = performance.now(); performance.now() - began < 15_000;) {
    await forwarding.record(400);
    committed.set(forwarding.journal.last, performance.now());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await recipient.untilCovered(forwarding.journal.last);
  const delays = recipient.arrived.flatMap(({ at, message }) => {
    const since = message.kind === 'data' && message.lane === 'live' ? committed.get(message.covers.upto) : undefined;
    return since === undefined ? [] : [at - since];
  });
  expect(delays.length).toBeGreaterThan(5);
  expect(Math.max(...delays)).toBeLessThan(8000);
  expect(recipient.lane('backlog').length).toBeGreaterThan(0);
  expect(recipient.contents.size).toBe(forwarding.journal.last);
  expect(recipient).toMatchObject(complete);
});

testWith(
  'mosquitto',
  'the broker killed over and over while readings come: nothing missing, repeats identical',
  async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.reported('destination-up');
    for (let kill = 1; kill <= KILLS.times; kill += 1) {
      const killed = performance.now();
      const recording = forwarding.record(3000, 50);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      await broker.stop();
      await recording;
      await broker.start();
      await forwarding.reported('destination-up', kill + 1);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, KILLS.every - (performance.now() - killed))));
    }
    await recipient.untilCovered(KILLS.times * 3000);
    expect(recipient.contents.size).toBe(KILLS.times * 3000);
    expect(recipient).toMatchObject(complete);
    process.stdout.write(`kills: ${KILLS.times} of the broker, ${recipient.repeats} repeats, nothing missing\n`);
  },
);

testWith(
  'mosquitto',
  'the broker stopped for a minute: noticed within one and a half keep-alives, and all is well after',
  async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using recipient = await new Recipient().subscribe(broker.url);
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url, { keepAlive: 4000 })]);
    await forwarding.reported('destination-up');
    const began = performance.now();
    broker.pause();
    await forwarding.reported('destination-lost');
    expect(performance.now() - began).toBeLessThan(1.5 * 4000 + 500);
    await forwarding.record(5000, 100);
    await new Promise((resolve) => setTimeout(resolve, 60_000 - (performance.now() - began)));
    broker.resume();
    await recipient.untilCovered(5000);
    expect(recipient.contents.size).toBe(5000);
    expect(recipient).toMatchObject(complete);
  },
);
