import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../../../src/collect/collector.ts';
import type { DeviceSetup } from '../../../src/collect/setup.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { badReading, type Reading } from '../../../src/model/reading.ts';
import { deviceSetup, type PointOptions } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver, type Script } from '../../support/scripted-driver.ts';
import { noPast } from '../../support/memory-state.ts';

const device = (id: string, every: number, options: PointOptions = {}): DeviceSetup =>
  deviceSetup(id, { every, ...options });

let clock: FakeClock;
let stop: AbortController;
let recorded: Reading[];
let events: string[];

beforeEach(() => {
  clock = new FakeClock();
  stop = new AbortController();
  recorded = [];
  events = [];
});

afterEach(() => stop.abort());

function collect(devices: readonly DeviceSetup[], script: Script): { collector: Collector; ended: Promise<void> } {
  const collector = new Collector({ id: 'bus', settings: {}, devices }, scriptedDriver(script), {
    clock,
    report: (event) => events.push(event),
    shown: () => undefined,
    ...noPast(),
    intern: async () => [],
    recorder: {
      record: (readings) => {
        recorded.push(...readings);
        return undefined;
      },
      flush: async () => undefined,
    },
  });
  const ended = collector.run(stop.signal);
  ended.catch(() => undefined);
  return { collector, ended };
}

const answer: Script['read'] = async (_device, points) => goodReadings(points, 42, clock.monotonic());
const silence =
  (milliseconds: number): Script['read'] =>
  async (_device, points) => {
    await clock.sleep(milliseconds, stop.signal);
    return points.map((point) => badReading(point.number, 'no-answer', clock.monotonic()));
  };
const lost = (): GatewayError => new GatewayError('connection-lost', 'the far end hung up');

test('a device is read at once and then at every multiple of its period', async () => {
  collect([device('meter', 1_000)], { read: answer });
  await clock.advance(3_500);
  expect(recorded.map((reading) => reading.receivedTime)).toEqual([0, 1_000, 2_000, 3_000]);
});

test('a thousand periods later no tick was lost and none came twice', async () => {
  collect([device('meter', 10)], { read: answer });
  await clock.advance(10_000);
  expect(recorded.map((reading) => reading.receivedTime)).toEqual(Array.from({ length: 1_001 }, (_, n) => n * 10));
});

test('devices due at the same instant take turns on an overloaded bus', async () => {
  const served: string[] = [];
  collect(
    ['a', 'b', 'c'].map((id) => device(id, 100)),
    {
      read: async ({ id }, points) => {
        served.push(id);
        await clock.sleep(60, stop.signal);
        return goodReadings(points, 1, clock.monotonic());
      },
    },
  );
  await clock.advance(6_000);
  const counts = ['a', 'b', 'c'].map((id) => served.filter((each) => each === id).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test('a silent device is one event, backs off, and is back with the first answer', async () => {
  let alive = false;
  const dead = silence(10);
  const { collector } = collect([device('meter', 1_000)], {
    read: (...asked) => (alive ? answer : dead)(...asked),
  });
  await clock.advance(120_000);
  expect(events.filter((event) => event === 'device-lost')).toHaveLength(1);
  expect(recorded.length).toBeLessThan(12);
  expect(recorded.every((reading) => reading.reason === 'no-answer')).toBe(true);
  alive = true;
  await clock.advance(61_000);
  expect(events.at(-1)).toBe('device-back');
  expect(collector.status().devices[0]).toMatchObject({ state: 'up', reason: null });
});

test('a device that refuses every register is there all the same', async () => {
  const { collector } = collect([device('meter', 1_000)], {
    read: async (_device, points) => points.map((point) => badReading(point.number, 'refused', clock.monotonic())),
  });
  await clock.advance(2_000);
  expect(collector.status().devices[0]).toMatchObject({ state: 'up', points: 1, bad: 1 });
  expect(recorded).toHaveLength(3);
});

describe('when the connection', () => {
  test('cannot be made, every attempt leaves bad readings of what was due, and one event', async () => {
    const { collector } = collect([device('meter', 1_000)], {
      open: () => {
        throw new GatewayError('connection-failed', 'nobody listens on port 502');
      },
      read: answer,
    });
    await clock.advance(30_000);
    expect(events).toEqual(['connection-lost']);
    expect(recorded.length).toBeGreaterThan(2);
    expect(recorded.length).toBeLessThan(12);
    expect(recorded.every((reading) => reading.quality === 'bad' && reading.reason === 'not-connected')).toBe(true);
    expect(collector.status().connection).toMatchObject({ state: 'lost', error: 'nobody listens on port 502' });
  });

  test('breaks in a read, that read is bad and made up for as soon as there is a new connection', async () => {
    let opened = 0;
    let reads = 0;
    collect([device('meter', 1_000)], {
      open: () => {
        opened += 1;
      },
      read: (...asked) => {
        reads += 1;
        return reads === 2 ? Promise.reject(lost()) : answer(...asked);
      },
    });
    await clock.advance(2_900);
    expect(opened).toBe(2);
    expect(recorded.map((reading) => reading.reason ?? 'good')).toEqual(['good', 'not-connected', 'good', 'good']);
    expect(events).toEqual(['connection-up', 'connection-lost', 'connection-up']);
  });
});

test('a driver that crashes is reported and tried again, and its daemon lives', async () => {
  const { collector } = collect([device('meter', 1_000)], { read: () => Promise.reject(new TypeError('oops')) });
  await clock.advance(5_000);
  expect(collector.status().connection).toMatchObject({ error: 'oops' });
  expect(recorded.every((reading) => reading.quality === 'bad')).toBe(true);
});

test('a secret that is lost while the gateway runs costs its connection, until it is there again', async () => {
  let isThere = false;
  const { collector } = collect([device('meter', 1_000)], {
    open: () => {
      if (!isThere) throw new GatewayError('secret-unavailable', 'file key does not exist');
    },
    read: answer,
  });
  await clock.advance(5_000);
  expect(collector.status().connection).toMatchObject({ state: 'lost', error: 'file key does not exist' });
  isThere = true;
  await clock.advance(120_000);
  expect(collector.status().connection).toMatchObject({ state: 'up' });
});

test('a journal that fails ends the collector', async () => {
  const driver = scriptedDriver({ read: answer });
  const collector = new Collector({ id: 'bus', settings: {}, devices: [device('meter', 1_000)] }, driver, {
    clock,
    report: () => undefined,
    shown: () => undefined,
    ...noPast(),
    intern: async () => [],
    recorder: {
      record: () => Promise.reject(new GatewayError('journal-failed', 'the worker is gone')),
      flush: async () => undefined,
    },
  });
  await expect(collector.run(stop.signal)).rejects.toThrow('the worker is gone');
});

describe("an operator's read", () => {
  test('goes ahead of the polls, is scaled, and is not journalled', async () => {
    const { collector } = collect([device('meter', 60_000, { scale: 0.1, deadband: 100 })], { read: answer });
    await clock.advance(1_000);
    const [meter] = collector.devices;
    if (meter === undefined) throw new Error('no device');
    const reading = collector.read(meter, meter.points, stop.signal);
    await clock.advance(1);
    expect(await reading).toMatchObject([{ value: 4.2, quality: 'good' }]);
    expect(recorded).toHaveLength(1);
  });

  test('fails at once, with the reason, while the connection is lost', async () => {
    const { collector } = collect([device('meter', 1_000)], {
      open: () => {
        throw lost();
      },
      read: answer,
    });
    await clock.advance(10);
    const [meter] = collector.devices;
    if (meter === undefined) throw new Error('no device');
    await expect(collector.read(meter, meter.points, stop.signal)).rejects.toThrow(
      'connection bus: the far end hung up',
    );
  });
});

test('a bus that is asked for more than it can carry is announced before the first poll', () => {
  const driver = scriptedDriver({ read: answer, busTime: 730 });
  const report: [string, unknown][] = [];
  const devices = Array.from({ length: 10 }, (_, index) => device(`meter-${index}`, 5_000));
  const collector = new Collector({ id: 'bus', settings: {}, devices }, driver, {
    clock,
    report: (event, fields) => report.push([event, fields]),
    shown: () => undefined,
    ...noPast(),
    intern: async () => [],
    recorder: { record: () => undefined, flush: async () => undefined },
  });
  expect(report).toEqual([['bus-overloaded', { connection: 'bus', needed: '7.3 s', asked: '5 s' }]]);
  expect(collector.status().connection.busTime).toBe(7_300);
});

test('polls that an answer kept waiting are counted as late', async () => {
  const { collector } = collect([device('meter', 100)], {
    read: async (_device, points) => {
      await clock.sleep(350, stop.signal);
      return goodReadings(points, 1, clock.monotonic());
    },
  });
  await clock.advance(4_000);
  expect(collector.status().connection.late).toBeGreaterThan(20);
});

test('stopping in mid-read ends at once and records nothing false', async () => {
  const { ended } = collect([device('meter', 1_000)], {
    read: async (_device, points) => {
      await clock.sleep(60_000, stop.signal);
      return goodReadings(points, 1, clock.monotonic());
    },
  });
  await clock.advance(10);
  stop.abort();
  await ended;
  expect(recorded).toEqual([]);
});

test('a driver that never answers is told to the watchdog', async () => {
  const { collector } = collect([device('meter', 1_000)], { read: () => new Promise(() => undefined) });
  await clock.advance(60 * 60_000);
  expect(collector.stall).toBeUndefined();
  await clock.advance(60_000);
  expect(collector.stall).toBe('connection bus has been in one read for 61 min');
});
