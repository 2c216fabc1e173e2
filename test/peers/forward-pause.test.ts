import { expect, test } from 'vitest';
import { BrokerFarEnd } from '../support/broker-far-end.ts';
import { expectLedger } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';

testWith('mosquitto', 'a destination that is paused gets nothing, and everything once it goes on', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.record(100);
  await recipient.untilCovered(100);
  const [forwarder] = forwarding.forwarders;
  forwarder?.pause();
  forwarder?.pause();
  await recipient.until(({ arrived }) =>
    arrived.some(({ message }) => message.kind === 'status' && message.state === 'offline'),
  );
  expect(forwarding.status()).toMatchObject({ state: 'paused', error: null, pending: 0 });
  await forwarding.record(200);
  expect(forwarding.status()).toMatchObject({ state: 'paused', pending: 200 });
  expect(recipient.contents.size).toBe(100);
  forwarder?.resume();
  forwarder?.resume();
  await recipient.untilCovered(300);
  await expectLedger(recipient, forwarding.journal);
  expect(recipient).toMatchObject({ conflicts: [], faults: [], repeats: 0 });
  const events = forwarding.told.map(({ event }) => event);
  expect(events).toEqual(['destination-up', 'destination-paused', 'destination-resumed', 'destination-up']);
});

test('a paused destination ends with the gateway', async () => {
  await using broker = await new BrokerFarEnd({}).listen();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.reported('destination-up');
  forwarding.forwarders[0]?.pause();
  await forwarding.reported('destination-paused');
  await forwarding.stop();
  expect(forwarding.status().state).toBe('paused');
});
