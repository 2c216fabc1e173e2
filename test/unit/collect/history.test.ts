import { describe, expect, test } from 'vitest';
import type { History, TimeSpan } from '../../../src/collect/driver.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver } from '../../support/scripted-driver.ts';

const MINUTE = 60_000;

const never = new AbortController().signal;

const kept = (point: number, sourceTime: number, value: number): Reading => ({
  point,
  sourceTime,
  receivedTime: 0,
  quality: 'good',
  value,
  reason: 'historical',
});

/** A meter that is read every minute, keeps a value of every minute, and can be made to fall silent. */
function keepingMeter(more: { readonly history?: History; readonly clock?: FakeClock } = {}) {
  const clock = more.clock ?? new FakeClock();
  const setup = deviceSetup('meter', { every: MINUTE, scale: 0.1 });
  const number = setup.points[0]?.number ?? 0;
  const asked: TimeSpan[] = [];
  const meter = { isSilent: false, isBroken: false };
  const everyMinute: History = async function* everyMinute(_device, _points, span) {
    asked.push(span);
    const first = (Math.floor(span.from / MINUTE) + 1) * MINUTE;
    for (let time = first; time < span.to; time += MINUTE) {
      if (meter.isBroken) throw new GatewayError('connection-lost', 'the line was cut');
      yield [kept(number, time, 7)];
    }
  };
  const driver = scriptedDriver({
    read: async (_device, points) =>
      meter.isSilent
        ? points.map(({ number: point }) => ({
            point,
            sourceTime: null,
            receivedTime: clock.monotonic(),
            quality: 'bad',
            value: null,
            reason: 'no-answer',
          }))
        : goodReadings(points, 10, clock.monotonic()),
    history: more.history ?? everyMinute,
  });
  return { clock, setup, number, driver, asked, meter };
}

const past = (collecting: Collecting) => collecting.recorded.filter(({ reason }) => reason === 'historical');

describe('what was missed', () => {
  test('is read back from the device when it answers again, in order, scaled and marked', async () => {
    const { clock, setup, driver, asked, meter } = keepingMeter();
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(2 * MINUTE);
    const heard = clock.wall();
    meter.isSilent = true;
    await clock.advance(10 * MINUTE);
    meter.isSilent = false;
    await clock.advance(2 * MINUTE);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.from).toBe(heard);
    const times = past(collecting).map(({ sourceTime }) => sourceTime ?? 0);
    expect(times.length).toBeGreaterThanOrEqual(10);
    expect(times).toEqual(times.map((_, index) => (times[0] ?? 0) + index * MINUTE));
    expect(times[0]).toBe(heard + MINUTE);
    expect(past(collecting).every(({ value, quality }) => value === 0.7 && quality === 'good')).toBe(true);
    expect(collecting.events).toContain('history-filled');
    expect(collecting.state.get('holes/meter')).toBeUndefined();
  });

  test('is not asked for where nothing was missed', async () => {
    const { clock, setup, driver, asked } = keepingMeter();
    await using _collecting = new Collecting([setup], driver, clock);
    await clock.advance(20 * MINUTE);
    expect(asked).toEqual([]);
  });

  test('reaches back to before the start, as far as the journal knows', async () => {
    const { clock, setup, number, driver, asked } = keepingMeter();
    await using collecting = new Collecting([setup], driver, clock);
    const stopped = clock.wall() - 30 * MINUTE;
    collecting.newest.set(number, stopped);
    await clock.advance(2 * MINUTE);
    expect(asked).toHaveLength(1);
    expect(past(collecting).length).toBeGreaterThanOrEqual(29);
    expect(past(collecting).every(({ sourceTime }) => (sourceTime ?? 0) > stopped)).toBe(true);
  });

  test('is asked for again from where the connection broke in the middle of it', async () => {
    const { clock, setup, driver, asked, meter } = keepingMeter();
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(2 * MINUTE);
    meter.isSilent = true;
    await clock.advance(10 * MINUTE);
    meter.isSilent = false;
    meter.isBroken = true;
    await clock.advance(MINUTE);
    expect(past(collecting)).toEqual([]);
    expect(JSON.parse(collecting.state.get('holes/meter') ?? '[]')).toHaveLength(1);
    meter.isBroken = false;
    await clock.advance(5 * MINUTE);
    expect(asked.length).toBeGreaterThan(1);
    const times = past(collecting).map(({ sourceTime }) => sourceTime ?? 0);
    expect(new Set(times).size).toBe(times.length);
    expect(times.length).toBeGreaterThanOrEqual(10);
    expect(collecting.state.get('holes/meter')).toBeUndefined();
  });

  test('and was not filled before a stop is asked for after it', async () => {
    const { clock, setup, driver, asked } = keepingMeter();
    await using collecting = new Collecting([setup], driver, clock, {
      'holes/meter': JSON.stringify([[clock.wall() - 60 * MINUTE, clock.wall() - 50 * MINUTE]]),
    });
    await clock.advance(2 * MINUTE);
    expect(asked).toEqual([{ from: expect.any(Number), to: expect.any(Number) }]);
    expect(past(collecting).length).toBeGreaterThanOrEqual(9);
  });

  test('is given up, and that is told, where the device keeps nothing', async () => {
    const { clock, setup, driver, meter } = keepingMeter({
      history: (_device, _points, _span) => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new GatewayError('device-refused', 'it keeps no load profile')),
        }),
      }),
    });
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(2 * MINUTE);
    meter.isSilent = true;
    await clock.advance(5 * MINUTE);
    meter.isSilent = false;
    await clock.advance(2 * MINUTE);
    expect(collecting.told.find(({ event }) => event === 'history-missing')?.fields).toMatchObject({
      device: 'meter',
      error: 'it keeps no load profile',
    });
    expect(collecting.statusOf('meter')).toMatchObject({ state: 'up' });
  });

  test('can be looked at without being recorded', async () => {
    const { clock, setup, driver } = keepingMeter();
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(2 * MINUTE);
    const span = { from: clock.wall() - 10 * MINUTE, to: clock.wall() };
    const device = collecting.device('meter');
    const portions = await Array.fromAsync(collecting.collector.history(device, device.points, span, never));
    expect(portions.flat().map(({ value, sourceTime }) => [value, (sourceTime ?? 0) > span.from])).toEqual(
      portions.flat().map(() => [0.7, true]),
    );
    expect(portions.length).toBeGreaterThanOrEqual(9);
    expect(past(collecting)).toEqual([]);
  });

  test('cannot be looked at where the protocol has no memory', async () => {
    const clock = new FakeClock();
    const driver = scriptedDriver({ read: async (_device, points) => goodReadings(points, 1, 0) });
    await using collecting = new Collecting([deviceSetup('meter')], driver, clock);
    await clock.advance(MINUTE);
    const device = collecting.device('meter');
    await expect(
      Array.fromAsync(collecting.collector.history(device, device.points, { from: 0, to: 1 }, never)),
    ).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('keep nothing') });
  });

  test('leaves out what is known already by its source time, before and after', async () => {
    const clock = new FakeClock();
    let silent = false;
    const setup = deviceSetup('meter', { every: MINUTE });
    const number = setup.points[0]?.number ?? 0;
    const start = clock.wall();
    const driver = scriptedDriver({
      read: async (_device, points) =>
        goodReadings(points, 1, clock.monotonic()).map((reading) =>
          silent
            ? { ...reading, quality: 'bad', value: null, reason: 'no-answer' }
            : { ...reading, sourceTime: clock.wall() - 500 },
        ),
      async *history(_device, _points, { from, to }) {
        yield Array.from({ length: 200 }, (_, index) => kept(number, from + index * 10_000, index)).filter(
          ({ sourceTime }) => (sourceTime ?? 0) < to,
        );
      },
    });
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(2 * MINUTE);
    silent = true;
    await clock.advance(5 * MINUTE);
    silent = false;
    await clock.advance(2 * MINUTE);
    const live = collecting.recorded.filter(({ reason, quality }) => quality === 'good' && reason === undefined);
    const before = Math.max(
      ...live.map(({ sourceTime }) => sourceTime ?? 0).filter((time) => time < start + 3 * MINUTE),
    );
    const after = Math.min(
      ...live.map(({ sourceTime }) => sourceTime ?? 0).filter((time) => time > start + 6 * MINUTE),
    );
    const times = past(collecting).map(({ sourceTime }) => sourceTime ?? 0);
    expect(times.length).toBeGreaterThan(10);
    expect(Math.min(...times)).toBeGreaterThan(before);
    expect(Math.max(...times)).toBeLessThan(after);
  });
});
