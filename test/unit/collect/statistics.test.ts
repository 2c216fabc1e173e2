import { expect, test } from 'vitest';
import { LatencyMeter, Median } from '../../../src/collect/statistics.ts';
import type { DriverContext } from '../../../src/collect/driver.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver } from '../../support/scripted-driver.ts';

test('a latency is told by its percentiles: each the least time that so many requests did not exceed', () => {
  const meter = new LatencyMeter();
  expect(meter.status()).toBeNull();
  for (let milliseconds = 100; milliseconds >= 1; milliseconds--) meter.add(milliseconds);
  expect(meter.status()).toEqual({ count: 100, sum: 5_050, median: 50, p90: 90, p99: 99, worst: 100 });
});

test('a single request is all percentiles at once', () => {
  const meter = new LatencyMeter();
  meter.add(12.5);
  expect(meter.status()).toEqual({ count: 1, sum: 12.5, median: 12.5, p90: 12.5, p99: 12.5, worst: 12.5 });
});

test('what was slow long ago is forgotten, and still counted', () => {
  const meter = new LatencyMeter();
  meter.add(1_000);
  for (let count = 0; count < 256; count++) meter.add(2);
  expect(meter.status()).toEqual({ count: 257, sum: 1_512, median: 2, p90: 2, p99: 2, worst: 2 });
});

test('a median follows the newest of its size', () => {
  const median = new Median(3);
  expect([median.value, median.worst]).toEqual([undefined, undefined]);
  for (const milliseconds of [50, 1, 2, 3]) median.add(milliseconds);
  expect([median.value, median.worst]).toEqual([2, 3]);
});

test('each device has its own latencies and oddities, and its connection has them all', async () => {
  const clock = new FakeClock();
  let wire: DriverContext | undefined;
  const driver = scriptedDriver({
    open: (context) => {
      wire = context;
    },
    read: async ({ id }, points, context) => {
      context.answered(id, id === 'slow' ? 80 : 8);
      if (id === 'slow') context.observe('checksum-error', id, 'CRC');
      return goodReadings(points, 1, clock.monotonic());
    },
  });
  await using collecting = new Collecting([deviceSetup('slow'), deviceSetup('fast')], driver, clock);
  await clock.advance(1);
  wire?.observe('timeout', 'unit 7', 'a technician asked');
  wire?.observe('noise', undefined, '00');
  const { connection, devices } = collecting.collector.status();
  expect(devices.map(({ id, latency, wire: oddities }) => [id, latency?.median, oddities])).toEqual([
    ['slow', 80, { 'checksum-error': 1 }],
    ['fast', 8, {}],
  ]);
  expect(connection).toMatchObject({
    latency: { count: 2, sum: 88, worst: 80 },
    wire: { 'checksum-error': 1, timeout: 1, noise: 1 },
  });
});

test('a round is shown as forecast and as measured, so that one can be held against the other', async () => {
  const clock = new FakeClock();
  const driver = scriptedDriver({
    busTime: 30,
    read: async ({ id }, points, _context, signal) => {
      await clock.sleep(id === 'mute' ? 5_000 : 70, signal);
      return goodReadings(points, 1, clock.monotonic());
    },
  });
  await using collecting = new Collecting(
    [deviceSetup('meter', { every: 10_000 }), deviceSetup('mute')],
    driver,
    clock,
  );
  expect(collecting.collector.status().connection).toMatchObject({ busTime: 60, roundTime: null });
  await clock.advance(100);
  expect(collecting.collector.status().connection, 'what has not answered counts as forecast').toMatchObject({
    busTime: 60,
    roundTime: 100,
  });
  expect(collecting.statusOf('meter')).toMatchObject({ busTime: 30, responseTime: { median: 70, worst: 70 } });
  await clock.advance(5_000);
  expect(collecting.collector.status().connection.roundTime).toBe(5_070);
});
