import { expect } from 'vitest';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';

testWith('mosquitto', 'in quiet hours alarms go at once, and the rest waits in the journal', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  const always = { quiet: [{ from: 0, to: 24 * 60 }] };
  await forwarding.deliver([destinationAt(broker.url, { schedule: always })]);
  await forwarding.reported('destination-up');
  await forwarding.record(10);
  await forwarding.commit([{ point: 0, value: 4711 }], 'alarm');
  await recipient.until(({ data }) => data.length === 1);
  expect(recipient.data).toMatchObject([{ covers: { after: 10, upto: 11 }, readings: [{ seq: 11, value: 4711 }] }]);
  await expect
    .poll(() => forwarding.status())
    .toMatchObject({ held: 'quiet hours: only alarms are sent', pending: 10 });
});

testWith('mosquitto', 'a rate of readings is kept while everything arrives', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.record(6000);
  const began = performance.now();
  await forwarding.deliver([destinationAt(broker.url, { rate: { readings: 2000 } })]);
  await recipient.untilCovered(6000);
  // A second's worth goes at once, and the last message may be ahead of its time.
  expect(performance.now() - began).toBeGreaterThan(1000);
  expect(recipient).toMatchObject({ conflicts: [], faults: [] });
});
