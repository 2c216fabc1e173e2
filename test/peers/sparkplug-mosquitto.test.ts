import { connectAsync } from 'mqtt';
import { expect } from 'vitest';
import { openForwarding, destinationAt } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { decode, numberOf, valueOf } from '../support/sparkplug-host.ts';

testWith(
  'mosquitto',
  'an edge node at a real broker: births, every value, and the death in the order of a host',
  async () => {
    await using broker = await startMosquitto();
    const host = await connectAsync(broker.url, { protocolVersion: 5 });
    const types: string[] = [];
    const values = new Map<number, unknown>();
    const { promise: dead, resolve } = Promise.withResolvers<void>();
    host.on('message', (topic, payload) => {
      const [, , type = ''] = topic.split('/');
      if (types.at(-1) !== type) types.push(type);
      const { metrics } = decode(payload);
      if (type === 'DDATA') for (const metric of metrics) values.set(values.size, valueOf(metric));
      if (type === 'NDEATH') resolve();
      if (type === 'NDEATH')
        expect(metrics.map(({ name, longValue }) => [name, numberOf(longValue)])).toEqual([['bdSeq', 0]]);
    });
    await host.subscribeAsync('spBv1.0/city/#', { qos: 1 });
    await using forwarding = await openForwarding();
    await forwarding.deliver([
      destinationAt(broker.url, { format: 'sparkplug-b', options: { sparkplug: { group: 'city' } } }),
    ]);
    await forwarding.reported('destination-up');
    await forwarding.record(10_000, 500);
    await expect.poll(() => values.size).toBe(10_000);
    expect(new Set(values.values()).size).toBe(10_000);
    await forwarding.stop();
    await dead;
    expect([types[0], types[1], types.at(-1)]).toEqual(['NBIRTH', 'DBIRTH', 'NDEATH']);
    await host.endAsync(true);
  },
);
