import { isDeepStrictEqual } from 'node:util';
import { isoTime, type Clock } from '../model/clock.ts';
import { errorCodes, type GatewayError } from '../model/errors.ts';
import type { PointNumber, Reading, Reason } from '../model/reading.ts';
import type { DeviceStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';
import { CLOCK_BOUND, DeviceClock } from './device-clock.ts';
import { DeviceHealth } from './device-health.ts';
import type { DriverDevice } from './driver.ts';
import { compileProcessing, type CompiledProcessing } from './processing.ts';
import { DeviceSchedule } from './schedule.ts';
import type { CollectedPoint, DeviceSetup } from './setup.ts';
import { LatencyMeter, Median, WireCounters } from './statistics.ts';

// Enough polls for a median that follows the device, few enough to sort at each status.
const RECENT_POLLS = 64;

/** These say that nobody answered; every other bad reading was the device's own word. */
const silent: ReadonlySet<Reason | undefined> = new Set([
  'no-answer',
  'not-connected',
  'malformed-answer',
  'foreign-answer',
] as const);

/** What a device's turn came to; `back` where it had been silent before. */
type Outcome = 'silent' | 'answered' | 'back';

/** One device of a collector: its points and when they are due, and what is known of its health. */
export class CollectedDevice {
  readonly setup: DeviceSetup;
  readonly health: DeviceHealth;
  readonly latency = new LatencyMeter();
  readonly wire = new WireCounters();
  readonly clock: DeviceClock;
  /** As the driver sees it; another object once the device has described other points. */
  driver: DriverDevice<unknown, unknown>;
  points: readonly CollectedPoint[];
  schedule: DeviceSchedule<CollectedPoint>;
  /** When it last had its turn, for turns between devices that are due at the same instant. */
  servedAt = -Infinity;
  /** Milliseconds that its last silence held the bus. */
  probeTime = 0;
  /** It is to say first what it holds. */
  toDescribe: boolean;

  readonly #clock: Clock;
  readonly #bad = new Set<PointNumber>();
  readonly #pollTimes = new Median(RECENT_POLLS);
  readonly #roundTimes = new Median(RECENT_POLLS);
  #processing: ReadonlyMap<PointNumber, CompiledProcessing>;
  #lastReading: number | undefined;
  #polls = 0;

  constructor(setup: DeviceSetup, clock: Clock, report: Report) {
    this.setup = setup;
    this.#clock = clock;
    this.health = new DeviceHealth(setup.id, clock, report);
    this.clock = new DeviceClock(setup.id, setup.clockBound ?? CLOCK_BOUND, report);
    this.clock.watch(setup.points);
    this.toDescribe = setup.described !== undefined;
    this.points = setup.points;
    this.driver = { id: setup.id, settings: setup.settings, points: setup.points };
    this.schedule = new DeviceSchedule(setup.points, clock.monotonic());
    this.#processing = compileAll(setup.points);
  }

  get id(): string {
    return this.setup.id;
  }

  /** Milliseconds from one reading of it to the next, as its configuration has it. */
  get period(): number {
    return this.setup.described?.every ?? this.schedule.shortest;
  }

  /** Monotonic milliseconds from which it may have its turn. */
  get dueAt(): number {
    const { restUntil, silent: isSilent, refuses } = this.health;
    if (isSilent || refuses || this.toDescribe) return restUntil;
    return this.schedule.unread ? -Infinity : this.schedule.due;
  }

  /** Milliseconds that a poll of all its points takes, recent median; undefined before the first. */
  get roundTime(): number | undefined {
    return this.#roundTimes.value;
  }

  /** Takes over what the device describes. Its schedule begins anew when that has changed. Returns whether it has. */
  adopt(points: readonly CollectedPoint[]): boolean {
    this.toDescribe = false;
    if (isDeepStrictEqual(points, this.points)) return false;
    this.points = points;
    this.clock.watch(points);
    this.driver = { id: this.id, settings: this.setup.settings, points };
    this.schedule = new DeviceSchedule(points, this.#clock.monotonic());
    this.#processing = compileAll(points);
    this.#bad.clear();
    return true;
  }

  /** Raw readings as the configuration wants them. */
  convert(readings: readonly Reading[]): readonly Reading[] {
    if (this.#processing.size === 0) return readings;
    return readings.map((reading) => this.#processing.get(reading.point)?.convert?.(reading) ?? reading);
  }

  /** Those of the converted readings that say something new; call once per reading, in order. */
  news(readings: readonly Reading[]): readonly Reading[] {
    if (this.#processing.size === 0) return readings;
    return readings.filter((reading) => this.#processing.get(reading.point)?.isNews?.(reading) ?? true);
  }

  /** Takes the outcome of one poll that began at `began`: health, rest and statistics follow from it. */
  polled(readings: readonly Reading[], began: number): Outcome {
    const now = this.#clock.monotonic();
    const answered = readings.some((reading) => !silent.has(reading.reason));
    this.#note(readings);
    if (!answered) {
      this.unanswered(readings[0]?.reason ?? 'no-answer', now - began);
      return 'silent';
    }
    this.servedAt = now;
    this.#pollTimes.add(now - began);
    if (readings.length === this.points.length) this.#roundTimes.add(now - began);
    return this.#answered();
  }

  /** Takes what it said by itself. */
  spoke(readings: readonly Reading[]): Outcome {
    this.servedAt = this.#clock.monotonic();
    this.#note(readings);
    return this.#answered();
  }

  /** Nobody answered, which held the bus for so many milliseconds. */
  unanswered(reason: Reason, held: number): void {
    this.servedAt = this.#clock.monotonic();
    this.probeTime = held;
    this.schedule.putBack();
    this.health.unanswered(reason);
    this.toDescribe = this.setup.described !== undefined;
  }

  /** It did not let us in. */
  refused(error: GatewayError): void {
    this.servedAt = this.#clock.monotonic();
    this.schedule.putBack();
    this.health.refused(`${error.message}. ${errorCodes['access-refused'].advice}`);
    this.toDescribe = this.setup.described !== undefined;
  }

  /** The connection broke under it. */
  disconnected(): void {
    this.schedule.putBack();
    this.health.disconnected();
    this.toDescribe = this.setup.described !== undefined;
  }

  /** The newest reading of these points is bad. */
  markBad(points: readonly CollectedPoint[]): void {
    for (const { number } of points) this.#bad.add(number);
  }

  #answered(): Outcome {
    this.#lastReading = this.#clock.wall();
    return this.health.answered() ? 'back' : 'answered';
  }

  #note(readings: readonly Reading[]): void {
    this.#polls += 1;
    this.clock.note(readings);
    for (const { point, quality } of readings) {
      if (quality === 'bad') this.#bad.add(point);
      else if (this.#bad.size > 0) this.#bad.delete(point);
    }
  }

  status(connection: string, busTime: number | undefined): Omit<DeviceStatus, 'missing'> {
    const { value: median, worst } = this.#pollTimes;
    return {
      id: this.id,
      connection,
      profile: this.setup.profile ?? null,
      ...this.health.status(),
      points: this.points.length,
      bad: this.#bad.size,
      polls: this.#polls,
      responseTime: median === undefined || worst === undefined ? null : { median, worst },
      latency: this.latency.status(),
      busTime: busTime ?? null,
      wire: this.wire.status(),
      clock: this.clock.status(),
      lastReading: this.#lastReading === undefined ? null : isoTime(this.#lastReading),
    };
  }
}

function compileAll(points: readonly CollectedPoint[]): ReadonlyMap<PointNumber, CompiledProcessing> {
  return new Map(
    points
      .map(({ number, processing }) => [number, compileProcessing(processing)] as const)
      .filter(([, { convert, isNews }]) => convert !== undefined || isNews !== undefined),
  );
}
