import type { Recorder } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import type { PointDefinition } from '../model/point.ts';
import { badReading, type PointNumber, type Reading, type Reason } from '../model/reading.ts';
import { isPlausible } from '../model/source-time.ts';
import type { Report } from '../ops/events.ts';
import type { BusTimes } from './bus-time.ts';
import type { CollectedDevice } from './collected-device.ts';
import { definePoints, MOST_POINTS, type DescribedPoint } from './discovery.ts';
import type { DiscoveredPoint, Driver } from './driver.ts';
import { collectedPoint, type CollectedPoint } from './setup.ts';

export type IntakeContext = {
  readonly clock: Clock;
  readonly report: Report;
  readonly recorder: Recorder;
  /** Shown every reading that is recorded, as it is recorded; must not wait. */
  readonly shown: (readings: readonly Reading[]) => void;
  /** Gives points that a device describes their numbers, durable when it resolves. */
  readonly intern: (definitions: readonly PointDefinition[]) => Promise<readonly PointNumber[]>;
  /** Where drivers may keep what outlives a session; see DriverContext. */
  readonly folder?: string | undefined;
};

type Described = {
  readonly points: readonly DescribedPoint[];
  /** By the device's own names. */
  readonly numbers: ReadonlyMap<string, PointNumber>;
};

// Milliseconds: far more than a clock that anybody has set is off, for it may be ours that is behind.
const AHEAD = 10 * 365 * 86_400_000;

const NOTHING: Described = { points: [], numbers: new Map() };

/** The way of readings into the journal, and of points that devices describe. */
export class Intake {
  readonly #context: IntakeContext;
  readonly #driver: Driver;
  readonly #times: BusTimes;
  readonly #described = new Map<CollectedDevice, Described>();

  constructor(context: IntakeContext, driver: Driver, times: BusTimes) {
    this.#context = context;
    this.#driver = driver;
    this.#times = times;
  }

  /** Records raw readings of a device as its configuration wants them. Rejects only with `journal-failed`. */
  async record(device: CollectedDevice, raw: readonly Reading[]): Promise<void> {
    const readings = device.news(device.convert(this.#timely(raw)));
    if (readings.length === 0) return;
    this.#context.shown(readings);
    await this.#context.recorder.record(readings);
  }

  /** Without the times of a device that cannot be right: what came with one says so, and ours counts. */
  #timely(raw: readonly Reading[]): readonly Reading[] {
    const now = this.#context.clock.wall();
    const isRight = ({ sourceTime }: Reading): boolean => sourceTime === null || isPlausible(sourceTime, now, AHEAD);
    return raw.every(isRight) ? raw : raw.map((reading) => (isRight(reading) ? reading : withoutTime(reading)));
  }

  /** Records what a device has kept: it says nothing of now, so nobody who watches is shown it. */
  async recordPast(device: CollectedDevice, raw: readonly Reading[]): Promise<void> {
    const readings = device.convert(this.#timely(raw)).filter(({ sourceTime }) => sourceTime !== null);
    if (readings.length > 0) await this.#context.recorder.record(readings);
  }

  /** Records that points could not be read. */
  async recordBad(device: CollectedDevice, points: readonly CollectedPoint[], reason: Reason): Promise<void> {
    const now = this.#context.clock.monotonic();
    device.markBad(points);
    await this.record(
      device,
      points.map(({ number }) => badReading(number, reason, now)),
    );
  }

  /** The points that a device describes, in place of those that it described before. */
  async describe(device: CollectedDevice, discovered: readonly DiscoveredPoint[]): Promise<void> {
    await this.#adopt(device, discovered, []);
  }

  /** Points that a device describes in addition to those that it described before; those beyond the limit are left out. */
  async describeMore(device: CollectedDevice, discovered: readonly DiscoveredPoint[]): Promise<void> {
    if (this.isFull(device)) return;
    const { points, numbers } = this.#described.get(device) ?? NOTHING;
    const news = discovered.filter(({ name }) => !numbers.has(name));
    if (news.length > 0) await this.#adopt(device, news, points);
  }

  /** Whether a device has described as many points as one may have. */
  isFull(device: CollectedDevice): boolean {
    return device.points.length >= MOST_POINTS;
  }

  /** The number of a point that a device has described under `name`; undefined where it has not. */
  numberOf(device: CollectedDevice, name: string): PointNumber | undefined {
    return this.#described.get(device)?.numbers.get(name);
  }

  async #adopt(
    device: CollectedDevice,
    discovered: readonly DiscoveredPoint[],
    known: readonly DescribedPoint[],
  ): Promise<void> {
    const { described } = device.setup;
    if (described === undefined) return;
    const points = [...known, ...definePoints({ id: device.id, described }, discovered, this.#driver, known)];
    const numbers = await this.#context.intern(points.map(({ settings }) => settings.definition));
    const collected = points.map(({ settings }, index) => collectedPoint(settings, numbers[index]));
    const names = points.map(({ name }, index) => [name, collected[index]?.number ?? 0] as const);
    this.#described.set(device, { points, numbers: new Map(names) });
    if (!device.adopt(collected)) return;
    this.#times.forecast([device]);
    this.#context.report('device-described', { device: device.id, points: points.length });
  }
}

function withoutTime(reading: Reading): Reading {
  if (reading.quality === 'bad') return { ...reading, sourceTime: null };
  return { ...reading, sourceTime: null, reason: reading.reason ?? 'time' };
}
