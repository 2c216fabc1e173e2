import { expect } from 'vitest';
import { expectLedger, untilDelivered } from '../support/delivered.ts';
import { destinationAt, openForwarding, type Forwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { SlowLink } from '../support/slow-link.ts';
import { testLength } from '../support/test-length.ts';
import { startWitness } from '../support/witness.ts';

/** How often the broker is killed, and how many milliseconds after it has us back. */
const KILLS = testLength({ full: { times: 100, every: 3000 }, short: { times: 10, every: 1500 } });

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
    await expectLedger(recipient, forwarding.journal);
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
  const commits: { readonly last: number; readonly at: number }[] = [];
  // Twice what the link carries, for fifteen seconds.
  for (const began = performance.now(); performance.now() - began < 15_000;) {
    await forwarding.record(400);
    commits.push({ last: forwarding.journal.last, at: performance.now() });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await recipient.untilCovered(forwarding.journal.last);
  // Of the newest reading of each live message, by the commit that it was in.
  const delays = recipient.arrived.flatMap(({ at, message }) => {
    if (message.kind !== 'data' || message.lane !== 'live') return [];
    const commit = commits.find(({ last }) => last >= message.covers.upto);
    return commit === undefined ? [] : [at - commit.at];
  });
  expect(delays.length).toBeGreaterThan(5);
  expect(Math.max(...delays)).toBeLessThan(8000);
  expect(recipient.lane('backlog').length).toBeGreaterThan(0);
  await expectLedger(recipient, forwarding.journal);
  expect(recipient).toMatchObject(complete);
});

testWith(
  'mosquitto',
  'the broker killed over and over while readings come: nothing missing, repeats identical',
  async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using witness = startWitness(broker.url);
    await witness.subscribed;
    await using forwarding = await openForwarding();
    await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.reported('destination-up');
    for (let kill = 1; kill <= KILLS.times; kill += 1) {
      const recording = forwarding.record(3000, 50);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      await broker.stop();
      await recording;
      await broker.start();
      await forwarding.reported('destination-up', kill + 1);
      await new Promise((resolve) => setTimeout(resolve, KILLS.every));
    }
    await forwarding.record(100); // the meters do not stop
    const { repeats, missing } = await untilDelivered(witness, forwarding.journal.last, 120_000);
    await expectLedger(witness, forwarding.journal);
    expectOutages(forwarding, KILLS.times);
    process.stdout.write(`kills: ${KILLS.times} of the broker, ${repeats} repeats, missing ${missing}\n`);
  },
);

testWith(
  'mosquitto',
  'the broker stopped for a minute: noticed within one and a half keep-alives, and all is well after',
  async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using witness = startWitness(broker.url);
    await witness.subscribed;
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
    await untilDelivered(witness, 5000, 60_000);
    await expectLedger(witness, forwarding.journal);
    expectOutages(forwarding, 1);
  },
);

/** Expects that each outage was told, and nothing else. */
function expectOutages({ told }: Forwarding, outages: number): void {
  const names = told.map(({ event }) => event);
  expect(names.filter((name) => name === 'destination-up')).toHaveLength(1 + outages);
  expect(new Set(names)).toEqual(new Set(['destination-up', 'destination-lost']));
}
