import { isoTime, type Clock } from '../model/clock.ts';
import type { PointNumber, Reading, Reason } from '../model/reading.ts';
import type { DeviceStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';
import { backoffDelay, type Backoff } from '../ops/supervise.ts';
import type { DriverDevice } from './driver.ts';
import { DeviceSchedule } from './schedule.ts';
import type { DeviceSetup, PolledPoint } from './setup.ts';
import { compileProcessing, type CompiledProcessing } from './processing.ts';

const BACKOFF: Backoff = { first: 1_000, longest: 60_000, jitter: 0.2 };

// Enough polls for a median that follows the device, few enough to sort at each status.
const RECENT_POLLS = 64;

/** These say that nobody answered; every other bad reading was the device's own word. */
const silent: ReadonlySet<Reason | undefined> = new Set([
  'no-answer',
  'not-connected',
  'malformed-answer',
  'foreign-answer',
] as const);

/** One device of a collector: its schedule, its back-off while it is silent, and what is known of its health. */
export class PolledDevice {
  readonly driver: DriverDevice<unknown, unknown>;
  readonly schedule: DeviceSchedule<PolledPoint>;
  /** Monotonic milliseconds before which a lost device is left alone. */
  retryAt = -Infinity;
  /** When it was last polled, for turns between devices that are due at the same instant. */
  servedAt = -Infinity;

  readonly #setup: DeviceSetup;
  readonly #processing: ReadonlyMap<PointNumber, CompiledProcessing>;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #bad = new Set<PointNumber>();
  readonly #responseTimes: number[] = [];
  #state: DeviceStatus['state'] = 'unknown';
  #since: number;
  /** Monotonic milliseconds of the announcement that it is lost. */
  #lostAt: number | undefined;
  #reason: Reason | undefined;
  #lastReading: number | undefined;
  #polls = 0;
  #failures = 0;
  #failuresInRow = 0;

  constructor(setup: DeviceSetup, clock: Clock, report: Report) {
    this.#setup = setup;
    this.#clock = clock;
    this.#report = report;
    this.#since = clock.wall();
    this.driver = { id: setup.id, settings: setup.settings, points: setup.points };
    this.schedule = new DeviceSchedule(setup.points, clock.monotonic());
    this.#processing = new Map(
      setup.points
        .map(({ number, processing }) => [number, compileProcessing(processing)] as const)
        .filter(([, { convert, isNews }]) => convert !== undefined || isNews !== undefined),
    );
  }

  get points(): readonly PolledPoint[] {
    return this.#setup.points;
  }

  get lost(): boolean {
    return this.#state === 'lost';
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

  /** Takes the outcome of one poll that began at `began`: health, back-off and statistics follow from it. */
  polled(readings: readonly Reading[], began: number): void {
    const now = this.#clock.monotonic();
    this.#polls += 1;
    for (const { point, quality } of readings) {
      if (quality === 'bad') this.#bad.add(point);
      else if (this.#bad.size > 0) this.#bad.delete(point);
    }
    this.servedAt = now;
    const answered = readings.find((reading) => !silent.has(reading.reason));
    if (answered === undefined) {
      this.#fail(readings[0]?.reason ?? 'no-answer', now);
      return;
    }
    this.#lastReading = this.#clock.wall();
    this.#responseTimes[this.#polls % RECENT_POLLS] = now - began;
    this.#recover(now);
  }

  /** The connection broke under it: no fault of the device, so no event and no back-off of its own. */
  disconnected(): void {
    this.#failures += 1;
    this.#reason = 'not-connected';
    if (this.#state !== 'lost') this.#change('lost');
  }

  #fail(reason: Reason, now: number): void {
    this.#failures += 1;
    this.#failuresInRow += 1;
    this.#reason = reason;
    this.retryAt = now + backoffDelay(BACKOFF, this.#failuresInRow);
    if (this.#state !== 'lost') this.#change('lost');
    if (this.#lostAt !== undefined) return;
    this.#lostAt = now;
    this.#report('device-lost', { device: this.#setup.id, reason });
  }

  #recover(now: number): void {
    this.#failuresInRow = 0;
    this.#reason = undefined;
    this.retryAt = -Infinity;
    if (this.#state !== 'up') this.#change('up');
    if (this.#lostAt === undefined) return;
    this.#report('device-back', { device: this.#setup.id, seconds: Math.round((now - this.#lostAt) / 1_000) });
    this.#lostAt = undefined;
  }

  #change(state: DeviceStatus['state']): void {
    this.#state = state;
    this.#since = this.#clock.wall();
  }

  status(connection: string): DeviceStatus {
    const times = this.#responseTimes.filter((time) => time !== undefined).sort((a, b) => a - b);
    const median = times[times.length >> 1];
    const worst = times.at(-1);
    return {
      id: this.#setup.id,
      connection,
      profile: this.#setup.profile ?? null,
      state: this.#state,
      since: isoTime(this.#since),
      points: this.#setup.points.length,
      bad: this.#bad.size,
      polls: this.#polls,
      failures: this.#failures,
      responseTime: median === undefined || worst === undefined ? null : { median, worst },
      lastReading: this.#lastReading === undefined ? null : isoTime(this.#lastReading),
      reason: this.#reason ?? null,
    };
  }
}
