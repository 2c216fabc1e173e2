import { describe, expect, test } from 'vitest';
import type { Script } from '../../support/scripted-driver.ts';
import { badReading } from '../../../src/model/reading.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver } from '../../support/scripted-driver.ts';

const MINUTE = 60_000;

type Bus = {
  /** Milliseconds between two polls of every unit. */
  readonly every: number;
  /** Milliseconds that an answer takes. */
  readonly answer: number;
  /** Milliseconds that a silent unit holds the bus: when first met, and once it is known to be silent. */
  readonly silence: readonly [first: number, later: number];
  readonly units?: number;
};

/** A bus on which unit 0 answers and the others are silent, until they are in `awake`. */
class PlayedBus {
  readonly awake = new Set(['unit-0']);
  readonly collecting: Collecting;
  readonly #silences = new Map<string, number>();
  readonly #bus: Bus;

  constructor(bus: Bus) {
    const clock = new FakeClock();
    this.#bus = bus;
    const units = Array.from({ length: bus.units ?? 20 }, (_, unit) => `unit-${unit}`);
    const driver = scriptedDriver({ read: (...asked) => this.#read(...asked) });
    this.collecting = new Collecting(
      units.map((id) => deviceSetup(id, { every: bus.every })),
      driver,
      clock,
    );
  }

  readonly #read: Script['read'] = async ({ id }, points, { clock }, signal) => {
    const { answer, silence } = this.#bus;
    const [first, later] = silence;
    if (this.awake.has(id)) {
      this.#silences.delete(id);
      await clock.sleep(answer, signal);
      return goodReadings(points, 1, clock.monotonic());
    }
    const before = this.#silences.get(id) ?? 0;
    this.#silences.set(id, before + 1);
    await clock.sleep(before === 0 ? first : later, signal);
    return points.map((point) => badReading(point.number, 'no-answer', clock.monotonic()));
  };

  /** Polls of unit 0 that were answered so far. */
  get polls(): number {
    const { polls = 0, failures = 0 } = this.collecting.statusOf('unit-0') ?? {};
    return polls - failures;
  }

  /** The share of its polls that unit 0 got over `milliseconds`. */
  async rate(milliseconds: number): Promise<number> {
    const before = this.polls;
    await this.collecting.clock.advance(milliseconds);
    return (this.polls - before) / (milliseconds / this.#bus.every);
  }

  /** Milliseconds until a unit that answers from now on is up. */
  async comeBack(unit: string): Promise<number> {
    const { clock } = this.collecting;
    const began = clock.monotonic();
    this.awake.add(unit);
    while (this.collecting.statusOf(unit)?.state !== 'up') await clock.advance(100);
    return clock.monotonic() - began;
  }
}

describe('20 units on one bus, 19 of them silent', () => {
  const buses: readonly (readonly [string, Bus])[] = [
    ['1 s timeouts, polled every second', { every: 1_000, answer: 20, silence: [1_000, 1_000] }],
    ['1 s timeouts and a retry when first met', { every: 1_000, answer: 20, silence: [2_000, 1_000] }],
    ['1 s timeouts, a unit that takes its time', { every: 1_000, answer: 250, silence: [1_000, 1_000] }],
    ['200 ms timeouts, polled every second', { every: 1_000, answer: 20, silence: [200, 200] }],
    ['200 ms timeouts, polled five times a second', { every: 200, answer: 20, silence: [200, 200] }],
    ['3 s timeouts, polled every half minute', { every: 30_000, answer: 50, silence: [3_000, 3_000] }],
    ['3 s timeouts, shortened once silent', { every: 1_000, answer: 50, silence: [3_000, 300] }],
    ['3 s timeouts, shortened, polled five times a second', { every: 200, answer: 20, silence: [3_000, 150] }],
  ];

  test.each(buses)(
    '%s: the live one keeps nine tenths of its rate, each other is back within a minute',
    async (_, bus) => {
      const played = new PlayedBus(bus);
      await using _collecting = played.collecting;
      await played.collecting.clock.advance(2 * MINUTE); // the first round finds them all silent
      expect(await played.rate(10 * MINUTE)).toBeGreaterThanOrEqual(0.9);
      const waits: number[] = [];
      for (const unit of ['unit-1', 'unit-10', 'unit-19']) {
        waits.push(await played.comeBack(unit));
        played.awake.delete(unit);
        await played.collecting.clock.advance(2 * MINUTE);
      }
      expect(Math.max(...waits)).toBeLessThanOrEqual(MINUTE);
      expect(await played.rate(MINUTE)).toBeGreaterThanOrEqual(0.9);
    },
  );

  test('where every attempt holds the bus for three polls, the live one still keeps nine tenths of its rate', async () => {
    const played = new PlayedBus({ every: 1_000, answer: 50, silence: [3_000, 3_000] });
    await using _collecting = played.collecting;
    await played.collecting.clock.advance(2 * MINUTE);
    expect(await played.rate(30 * MINUTE)).toBeGreaterThanOrEqual(0.9);
  });

  test('when they all come back together, the first to answer brings the others', async () => {
    const played = new PlayedBus({ every: 1_000, answer: 50, silence: [3_000, 3_000] });
    await using _collecting = played.collecting;
    await played.collecting.clock.advance(10 * MINUTE);
    for (let unit = 2; unit < 20; unit++) played.awake.add(`unit-${unit}`);
    const first = await played.comeBack('unit-1');
    await played.collecting.clock.advance(MINUTE - first);
    expect(played.collecting.collector.status().devices.map(({ state }) => state)).toEqual(
      Array.from({ length: 20 }, () => 'up'),
    );
  });

  test('in the very first round the live one has its turn between any two of them', async () => {
    const played = new PlayedBus({ every: 1_000, answer: 50, silence: [3_000, 3_000] });
    await using _collecting = played.collecting;
    await played.collecting.clock.advance(19 * 3_050);
    expect(played.polls).toBeGreaterThanOrEqual(18);
  });

  test('each has its turn: none is tried twice before the last one is', async () => {
    const tried: string[] = [];
    const played = new PlayedBus({ every: 1_000, answer: 20, silence: [1_000, 1_000] });
    await using _collecting = played.collecting;
    await played.collecting.clock.advance(5 * MINUTE);
    const before = new Map(played.collecting.collector.devices.map((device) => [device.id, device.servedAt]));
    await played.collecting.clock.advance(MINUTE);
    for (const { id, servedAt } of played.collecting.collector.devices) {
      if (servedAt !== before.get(id)) tried.push(id);
    }
    expect(tried).toHaveLength(20);
  });
});

test('a unit that is read once an hour is tried again soon after a silence, and its reading made up for', async () => {
  let silent = true;
  const clock = new FakeClock();
  const driver = scriptedDriver({
    read: async (_device, points) =>
      silent
        ? points.map((point) => badReading(point.number, 'no-answer', clock.monotonic()))
        : goodReadings(points, 1, clock.monotonic()),
  });
  await using collecting = new Collecting([deviceSetup('meter', { every: 60 * MINUTE })], driver, clock);
  await clock.advance(10 * MINUTE);
  expect(collecting.recorded.map(({ quality }) => quality)).toEqual(['bad']);
  silent = false;
  await clock.advance(MINUTE);
  expect(collecting.recorded.map(({ quality }) => quality)).toEqual(['bad', 'good']);
  expect(collecting.events).toEqual(['connection-up', 'device-lost', 'device-back']);
});
