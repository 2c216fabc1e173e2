import { expect } from 'vitest';
import type { DiscoveredPoint } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading } from '../../src/model/reading.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { goodReadings, scriptedDriver } from '../support/scripted-driver.ts';
import { startedGateway } from '../support/started-gateway.ts';

const firmwares = {
  old: [{ name: 'power', address: {}, unit: 'W' }],
  new: [
    { name: 'power', address: {}, unit: 'kW' },
    { name: 'energy', address: {}, unit: 'kW.h', kind: 'counter' },
  ],
} as const satisfies Record<string, readonly DiscoveredPoint[]>;

testWith(
  'mosquitto',
  'points that a device describes reach the centre with their readings, and so do those of its next firmware',
  async () => {
    const inverter = { points: firmwares.old as readonly DiscoveredPoint[], there: true };
    const driver = scriptedDriver(
      {
        discover: async () => {
          if (inverter.there) return inverter.points;
          throw new GatewayError('no-answer', 'the inverter starts again');
        },
        read: async (_device, points, { clock }) =>
          inverter.there
            ? goodReadings(points, 7, clock.monotonic())
            : points.map(({ number }) => badReading(number, 'no-answer', clock.monotonic())),
      },
      { discovers: true },
    );
    await using broker = await startMosquitto();
    await using centre = await new Recipient().subscribe(broker.url);
    await using gateway = await startedGateway(driver, {
      connections: { roof: { driver: 'scripted' } },
      devices: { inverter: { connection: 'roof', every: '20ms', domain: 'energy' } },
      destinations: {
        centre: { url: broker.url, select: { domain: ['energy'], point: ['inverter/power', 'inverter/energy'] } },
      },
    });
    const readings = (point: string) =>
      centre.data.flatMap((message) => message.readings.filter((reading) => reading.point === point));
    const catalogues = (): readonly number[] =>
      centre.arrived.flatMap(({ message }) => (message.kind === 'catalogue' ? [message.points] : []));

    // A message that was on its way already may come before the catalogue that explains it.
    await centre.until(() => readings('inverter/power').length > 3 && catalogues().at(-1) === 1);
    inverter.there = false;
    await gateway.untilTold('device-lost');
    inverter.there = true;
    inverter.points = firmwares.new;
    await centre.until(() => readings('inverter/energy').length > 3 && catalogues().at(-1) === 2);
    expect(readings('inverter/energy')[0]).toMatchObject({ value: 7, quality: 'good' });
    expect(centre.faults).toEqual([]);
    expect((await gateway.control.status()).devices).toMatchObject([{ id: 'inverter', state: 'up', points: 2 }]);
  },
);
