import { describe, expect, test } from 'vitest';
import { definePoints } from '../../../src/collect/discovery.ts';
import { openDirectly } from '../../../src/collect/direct.ts';
import type { DiscoveredPoint } from '../../../src/collect/driver.ts';
import type { DeviceSettings } from '../../../src/config/configuration.ts';
import { errorCodes, GatewayError } from '../../../src/model/errors.ts';
import { badReading } from '../../../src/model/reading.ts';
import { Collecting, deviceSetup, describingDevice } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver, type Script } from '../../support/scripted-driver.ts';

const never = new AbortController().signal;
const power: DiscoveredPoint = { name: 'power', address: { place: 1 }, unit: 'W', scale: 0.1 };
const energy: DiscoveredPoint = { name: 'energy', address: { place: 2 }, unit: 'kW.h', every: 900_000 };

/** An inverter that describes `points`, and answers with 5 to all of them, while it is `there`. */
function inverter() {
  const clock = new FakeClock();
  const played = { points: [power, energy] as readonly DiscoveredPoint[], there: true, described: 0, failure: '' };
  const script: Script = {
    discover: async () => {
      played.described += 1;
      if (!played.there) throw new GatewayError('no-answer', 'device inverter does not answer');
      if (played.failure !== '') throw new GatewayError('device-undescribed', played.failure);
      return played.points;
    },
    read: async (_device, points) =>
      played.there
        ? goodReadings(points, 5, clock.monotonic())
        : points.map(({ number }) => badReading(number, 'no-answer', clock.monotonic())),
  };
  return { clock, played, driver: scriptedDriver(script, { discovers: true }) };
}

describe('a device that is configured without points', () => {
  test('is asked for them before its first read, and read from then on as if they had been configured', async () => {
    const { clock, played, driver } = inverter();
    const defaults = { every: 10_000, domain: 'energy', labels: { city: 'geneva' }, class: 'billing' } as const;
    await using collecting = new Collecting([describingDevice('inverter', defaults)], driver, clock);
    await clock.advance(25_000);
    expect(played.described).toBe(1);
    expect(collecting.interned).toMatchObject([
      {
        id: 'inverter/power',
        unit: 'W',
        type: 'float64',
        class: 'billing',
        domain: 'energy',
        labels: { city: 'geneva' },
      },
      { id: 'inverter/energy', unit: 'kW.h', type: 'float64' },
    ]);
    expect(collecting.recorded.map(({ point, value }) => [point, value])).toEqual([
      [1_001, 0.5],
      [1_002, 5],
      [1_001, 0.5],
      [1_001, 0.5],
    ]);
    expect(collecting.told).toContainEqual({ event: 'device-described', fields: { device: 'inverter', points: 2 } });
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 2, error: null });
  });

  test('is asked again after it was lost, and its schedule goes on when it says the same', async () => {
    const { clock, played, driver } = inverter();
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(1_500);
    const { points } = collecting.device('inverter');
    played.there = false;
    await clock.advance(10_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'lost', reason: 'no-answer', points: 2 });
    played.there = true;
    await clock.advance(60_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 2 });
    expect(collecting.device('inverter').points).toBe(points);
    expect(collecting.events.filter((event) => event === 'device-described')).toHaveLength(1);
    expect(collecting.events.slice(-2)).toEqual(['device-lost', 'device-back']);
  });

  test('has the points of its new firmware when it comes back with one', async () => {
    const { clock, played, driver } = inverter();
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(1_500);
    played.there = false;
    await clock.advance(5_000);
    played.there = true;
    played.points = [
      { ...power, unit: 'kW' },
      { name: 'state', address: {}, labels: { 1: 'on' } },
    ];
    await clock.advance(30_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 2, bad: 0 });
    expect(collecting.device('inverter').points.map(({ number, id }) => [number, id])).toEqual([
      [1_003, 'inverter/power'],
      [1_004, 'inverter/state'],
    ]);
    expect(collecting.recorded.at(-1)).toMatchObject({ point: 1_004, quality: 'good' });
  });

  test('that is silent is lost like any other, and described when it answers', async () => {
    const { clock, played, driver } = inverter();
    played.there = false;
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(60_000);
    expect(collecting.events).toEqual(['connection-up', 'device-lost']);
    expect(played.described).toBeLessThan(10);
    expect(collecting.recorded).toEqual([]);
    played.there = true;
    await clock.advance(31_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 2 });
  });

  test('that answers and describes nothing says so once, with what to do, and is asked again now and then', async () => {
    const { clock, played, driver } = inverter();
    played.failure = 'device inverter has no SunSpec marker';
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(3_600_000);
    const error = `device inverter has no SunSpec marker. ${errorCodes['device-undescribed'].advice}`;
    expect(collecting.told.slice(1)).toEqual([{ event: 'device-undescribed', fields: { device: 'inverter', error } }]);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 0, error });
    expect(played.described).toBeGreaterThan(3);
    expect(played.described).toBeLessThan(10);
    played.failure = '';
    await clock.advance(3_600_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ points: 2, error: null });
  });

  test('that describes an empty list describes nothing', async () => {
    const { clock, played, driver } = inverter();
    played.points = [];
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(1_000);
    expect(collecting.statusOf('inverter')?.error).toContain('device inverter describes no points');
  });

  test('keeps the points it had when it does not describe them any more', async () => {
    const { clock, played, driver } = inverter();
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(1_500);
    played.there = false;
    await clock.advance(2_000);
    played.there = true;
    played.failure = 'device inverter has no SunSpec marker';
    await clock.advance(30_000);
    expect(collecting.statusOf('inverter')).toMatchObject({ state: 'up', points: 2 });
    expect(collecting.recorded.at(-1)).toMatchObject({ quality: 'good' });
  });

  test('whose connection offers no description says so', async () => {
    const clock = new FakeClock();
    const driver = scriptedDriver({ read: async (_device, points) => goodReadings(points, 1, 0) }, { discovers: true });
    await using collecting = new Collecting([describingDevice('inverter')], driver, clock);
    await clock.advance(1_000);
    expect(collecting.events).toContain('device-undescribed');
  });

  test('costs the devices that answer no more than any other silent one', async () => {
    const clock = new FakeClock();
    const slow = scriptedDriver(
      {
        read: async (_device, points) => goodReadings(points, 1, clock.monotonic()),
        discover: async (_device, signal) => {
          await clock.sleep(3_000, signal);
          throw new GatewayError('no-answer', 'silent');
        },
      },
      { discovers: true },
    );
    await using collecting = new Collecting([deviceSetup('meter'), describingDevice('inverter')], slow, clock);
    await clock.advance(60_000);
    const before = collecting.recorded.length;
    await clock.advance(600_000);
    expect(collecting.recorded.length - before).toBeGreaterThanOrEqual(540);
  });

  test('is described for a single read without a daemon, too', async () => {
    const { clock, driver } = inverter();
    const device: DeviceSettings = { ...describingDevice('inverter'), connection: 'bus', points: [] };
    const target = { id: 'bus', driver, settings: { baud: 9_600 } };
    await using direct = openDirectly(target, { clock, observe: () => undefined }, [device]);
    expect(await direct.readDevice(device, undefined, never)).toMatchObject([
      { point: 'inverter/power', value: 0.5, unit: 'W' },
      { point: 'inverter/energy', value: 5 },
    ]);
    expect(await direct.readDevice(device, ['inverter/energy'], never)).toHaveLength(1);
  });
});

describe('the names of described points', () => {
  const { driver } = inverter();
  const device = { id: 'meter', described: { every: 1_000, class: 'normal', labels: {} } } as const;
  const named = (...names: readonly string[]): readonly string[] =>
    definePoints(
      device,
      names.map((name) => ({ name, address: {} })),
      driver,
    ).map(({ settings }) => settings.definition.name);

  test.each([
    [
      ['power', 'energy'],
      ['power', 'energy'],
    ],
    [
      ['active power L1 [W]', '°C', '/etc/passwd', ''],
      ['active-power-L1-W', 'C', 'etc-passwd', 'point'],
    ],
    [
      ['a', 'a', 'a', 'a-2'],
      ['a', 'a-2', 'a-3', 'a-2-2'],
    ],
    [
      ['x'.repeat(80), `${'x'.repeat(64)}y`],
      ['x'.repeat(64), `${'x'.repeat(62)}-2`],
    ],
  ])('%j are %j in the configuration', (names, expected) => {
    expect(named(...names)).toEqual(expected);
  });

  test('are no more than 5 000, whatever a device claims', () => {
    expect(named(...Array.from({ length: 6_000 }, (_, index) => `point-${index}`))).toHaveLength(5_000);
  });
});
