import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import { BookingBroker } from '../support/booking-broker.ts';
import { BrokerFarEnd } from '../support/broker-far-end.ts';
import { expectLedger, untilDelivered } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { startWitness } from '../support/witness.ts';

// A broker that does not let us in, or throws us out for another: it costs nothing but time, and no storm.

test('a broker that refuses us for one reason after another gets everything once it lets us in', async () => {
  const refusals: readonly [code: number, words: string][] = [
    [0x87, 'not authorised'],
    [0x86, 'wrong user name or password'],
    [0x97, 'quota'],
    [0x88, 'not available'],
  ];
  const booking = new BookingBroker();
  let reason = 0;
  await using broker = await new BrokerFarEnd({
    connect: (client) => client.connack(reason),
    publish: booking.publish,
  }).listen();
  await using forwarding = await openForwarding();
  for (const [code, words] of refusals) {
    reason = code;
    if (forwarding.forwarders.length === 0) await forwarding.deliver([destinationAt(broker.url)]);
    await forwarding.record(100);
    await expect.poll(() => forwarding.status().error, { timeout: 15_000 }).toContain(words);
    expect(forwarding.status()).toMatchObject({ state: 'lost', pending: forwarding.journal.last, delivered: 0 });
  }
  reason = 0;
  await booking.untilCovered(400);
  await expectLedger(booking, forwarding.journal);
  expect(booking.report().repeats).toBe(0);
  // One refusal is news, the next is not.
  expect(forwarding.told.map(({ event }) => event)).toEqual(['destination-lost', 'destination-up']);
}, 60_000);

const ROUNDS = 6;
const OUR_ID = 'weir-harbour-07-centre';

/** The system's clock, but every wait is noted and lasts a millisecond, and a busy machine makes no connection last. */
function hurried(waits: number[]): Clock {
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() / 10,
    sleep: (milliseconds, signal) => {
      if (milliseconds > 0) waits.push(milliseconds);
      return systemClock.sleep(1, signal);
    },
  };
}

testWith(
  'mosquitto',
  'another client that fights for our id is found out and given way to, though the broker does not tell; nothing is missing after it',
  async () => {
    const waits: number[] = [];
    await using broker = await startMosquitto(); // version 2.0 just closes the connection
    await using witness = startWitness(broker.url);
    await witness.subscribed;
    await using forwarding = await openForwarding();
    const backoff = { first: 1000, longest: 60_000, jitter: 0 };
    await forwarding.deliver([destinationAt(broker.url)], { clock: hurried(waits), backoff });
    for (let round = 1; round <= ROUNDS; round += 1) {
      await forwarding.reported('destination-up', round);
      await forwarding.record(50);
      await expect.poll(() => forwarding.status().pending, { timeout: 15_000 }).toBe(0);
      const rival = await mqtt.connectAsync(broker.url, { clientId: OUR_ID, protocolVersion: 5, reconnectPeriod: 0 });
      rival.on('error', () => undefined);
      await forwarding.reported('destination-lost', round);
    }
    await forwarding.reported('destination-up', ROUNDS + 1);
    await forwarding.record(50);
    await untilDelivered(witness, forwarding.journal.last, 30_000);
    await expectLedger(witness, forwarding.journal);
    expect(waits).toEqual([1000, 1000, 1000, 2000, 4000, 8000]);
    const told = forwarding.told.map(({ event }) => event);
    expect(told).toEqual([...waits.flatMap(() => ['destination-up', 'destination-lost']), 'destination-up']);
    const reasons = forwarding.told.flatMap(({ fields }) => (fields['error'] === undefined ? [] : [fields['error']]));
    expect(reasons.map((reason) => /second gateway.*same gateway\.id\?$/.test(String(reason)))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  },
  60_000,
);
