import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectComplete, ledgerThrough } from '../support/broker-ledger.ts';
import { describeWith } from '../support/peers.ts';
import { startRabbitMq, type RabbitMq } from '../support/rabbitmq.ts';

// Starting it takes many seconds, so it is shared. Debian's has the MQTT plugin of before MQTT 5.

describeWith('rabbitmq', 'RabbitMQ', () => {
  let broker: RabbitMq;

  beforeAll(async () => {
    broker = await startRabbitMq();
  }, 120_000);

  afterAll(() => broker[Symbol.asyncDispose]());

  test.each([undefined, '3.1.1'] as const)(
    'killed and started again: nothing is missing, asked for %s',
    async (wish) => {
      const ledger = await ledgerThrough(broker, wish);
      expectComplete(ledger);
      expect(ledger.protocol).toBe('MQTT 3.1.1');
    },
  );
});
