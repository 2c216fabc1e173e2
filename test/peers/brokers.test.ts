import { expect, test } from 'vitest';
import { startDemoBroker } from '../../src/cli/demo/broker.ts';
import { expectComplete, ledgerThrough } from '../support/broker-ledger.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';

// The same ledger at every broker and in every version of MQTT that it speaks; RabbitMQ is in brokers.long.test.ts.

const versions = [
  ['5', 'MQTT 5'],
  ['3.1.1', 'MQTT 3.1.1'],
] as const;

for (const [version, protocol] of versions) {
  testWith('mosquitto', `mosquitto, killed and started again: nothing is missing in ${protocol}`, async () => {
    await using broker = await startMosquitto({ persistence: true });
    const ledger = await ledgerThrough(broker, version);
    expectComplete(ledger);
    expect(ledger.protocol).toBe(protocol);
  });
}

// aedes knows 3.1.1 alone: without a wish both ends find that out by themselves.
test.each([undefined, '3.1.1'] as const)(
  'aedes, out of reach for a while: nothing is missing, asked for %s',
  async (wish) => {
    await using broker = await startDemoBroker();
    const ledger = await ledgerThrough(
      {
        url: broker.url,
        stop: () => broker.goAway(),
        start: () => broker.comeBack(),
      },
      wish,
    );
    expectComplete(ledger);
    expect(ledger.protocol).toBe('MQTT 3.1.1');
  },
);
