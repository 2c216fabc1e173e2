import { expect } from 'vitest';
import { describeWith, testWith } from '../support/peers.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { Recipient } from '../support/recipient.ts';

testWith('mosquitto', 'every committed reading arrives once, and the coverage has no hole', async () => {
  await using broker = await startMosquitto();
  await using recipient = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  await forwarding.reported('destination-up');
  for (let commit = 0; commit < 20; commit += 1) await forwarding.record(50);
  await recipient.untilCovered(1000);
  expect(recipient.contents.size).toBe(1000);
  expect(recipient).toMatchObject({ repeats: 0, conflicts: [], faults: [] });
  expect(recipient.lane('backlog')).toEqual([]);
});
