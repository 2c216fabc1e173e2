import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BrokerFarEnd, type Publication } from '../support/broker-far-end.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { destinationAt, openForwarding, type Forwarding } from '../support/forwarding.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What a broker acknowledged in its last moments dies with it, so the journal must still have it to send.

const PINGRESP = [0xd0, 0];

/** A broker that acknowledges everything, and a way to wait for the data it has acknowledged. */
async function acknowledgingBroker() {
  const sequences = new Set<number>();
  let look: (() => void) | undefined;
  let isTired = false;
  const broker = await new BrokerFarEnd({
    publish: (client, publication) => {
      if (isTired) return;
      client.puback(publication.id);
      for (const sequence of sequencesOf(publication)) sequences.add(sequence);
      look?.();
    },
  }).listen();
  const acknowledged = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => sequences.size >= count && resolve();
      look();
    });
  /** Closes behind what it has sent, and lets nobody in any more. */
  const vanish = (): void => {
    broker.behave({ connect: (client) => client.socket.destroy() });
    for (const { socket } of broker.connections) socket.end();
  };
  /** Acknowledges nothing any more. */
  const tire = (): void => {
    isTired = true;
  };
  return { broker, sequences, acknowledged, tire, vanish, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

function sequencesOf({ topic, payload }: Publication): number[] {
  if (!/\/(live|backlog)$/.test(topic)) return [];
  const { readings } = JSON.parse(payload) as { readings: { seq: number }[] };
  return readings.map(({ seq }) => seq);
}

/** How many readings the journal still has for the centre. */
async function waiting({ journal }: Forwarding): Promise<number | undefined> {
  return (await journal.status()).destinations[0]?.pending;
}

test('what a broker acknowledged before it vanished goes to the next one, also after a restart', async () => {
  await using folder = await temporaryFolder();
  {
    await using first = await acknowledgingBroker();
    await using forwarding = await openForwarding({ path: folder.path });
    await forwarding.deliver([destinationAt(first.broker.url)]);
    await forwarding.record(100, 10);
    await first.acknowledged(100);
    first.vanish();
    await forwarding.reported('destination-lost');
    expect(forwarding.status()).toMatchObject({ pending: 100, delivered: 0 });
    await forwarding.stop();
  }
  await using next = await acknowledgingBroker();
  await using forwarding = await openForwarding({ path: folder.path });
  await forwarding.deliver([destinationAt(next.broker.url)]);
  expect(await waiting(forwarding)).toBe(100);
  await next.acknowledged(100);
  expect(next.sequences.size).toBe(100);
});

test('an orderly stop tells the journal at once', async () => {
  await using folder = await temporaryFolder();
  await using centre = await acknowledgingBroker();
  {
    await using forwarding = await openForwarding({ path: folder.path });
    await forwarding.deliver([destinationAt(centre.broker.url)]);
    await forwarding.record(100);
    await centre.acknowledged(100);
    await forwarding.stop();
  }
  await using forwarding = await openForwarding({ path: folder.path });
  await forwarding.journal.destinations(['centre']);
  expect(await waiting(forwarding)).toBe(0);
});

test('without new readings the answer to a keep-alive confirms what is older than the last moments', async () => {
  const clock = new FakeClock();
  await using centre = await acknowledgingBroker();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(centre.broker.url, { timeout: 60_000 })], { clock });
  await forwarding.reported('destination-up');
  await forwarding.record(100);
  await centre.acknowledged(100);
  while (forwarding.status().pending > 0) await turnOfTheLoop();
  expect(await waiting(forwarding)).toBe(100);
  await clock.advance(2_000);
  centre.broker.connections[0]?.send(PINGRESP);
  centre.vanish();
  await forwarding.reported('destination-lost');
  expect(await waiting(forwarding)).toBe(0);
});

test('what is asked for once more in those moments waits in the journal until it has gone out again', async () => {
  const clock = new FakeClock();
  await using centre = await acknowledgingBroker();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(centre.broker.url, { timeout: 60_000 })], { clock });
  await forwarding.reported('destination-up');
  await forwarding.record(100);
  await centre.acknowledged(100);
  while (forwarding.status().pending > 0) await turnOfTheLoop();
  centre.tire();
  await forwarding.forwarders[0]?.rewind({ ranges: [{ after: 0, upto: 30 }] });
  await clock.advance(2_000);
  centre.broker.connections[0]?.send(PINGRESP); // only now the first acknowledgement counts
  centre.vanish();
  await forwarding.reported('destination-lost');
  expect(await waiting(forwarding)).toBe(30);
});
