import type { Recorder } from '../journal/journal.ts';
import { isoTime, type Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import { badReading, type Reading } from '../model/reading.ts';
import type { ConnectionStatus, DeviceStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';
import { supervise, type Backoff } from '../ops/supervise.ts';
import { forecastBusTime } from './bus-time.ts';
import type { Driver, DriverContext, Session } from './driver.ts';
import { PolledDevice } from './polled-device.ts';
import { createAlignment } from './schedule.ts';
import type { ConnectionSetup, PolledPoint } from './setup.ts';

export type CollectorContext = {
  readonly clock: Clock;
  readonly report: Report;
  readonly recorder: Recorder;
  /** Shown every reading that is recorded, as it is recorded; must not wait. */
  readonly shown: (readings: readonly Reading[]) => void;
};

const RECONNECT: Backoff = { first: 500, longest: 60_000, jitter: 0.3 };

// A timer may fire up to a millisecond early: what is due within it is due now.
const TIMER_GRAIN = 1;

// Milliseconds. Every request has a deadline of its own: a driver that takes longer than this has lost its way.
const LONGEST_READ = 3_600_000;

// Lost devices together may take one tenth of the bus from those that answer.
const REST_AFTER_FAILED_PROBE = 9;

type Request = {
  readonly device: PolledDevice;
  readonly points: readonly PolledPoint[];
  readonly answer: PromiseWithResolvers<readonly Reading[]>;
};

/**
 * Owns one connection: opens it, polls its devices when they are due, one request at a time, and records what comes back.
 * Operators' reads go ahead of polls; devices that stay silent back off by themselves and cost the others little.
 */
export class Collector {
  readonly devices: readonly PolledDevice[];
  readonly #setup: ConnectionSetup;
  readonly #driver: Driver;
  readonly #context: CollectorContext;
  readonly #alignment: () => number;
  readonly #wire = new Map<string, number>();
  readonly #busTime: number | undefined;
  readonly #requests: Request[] = [];
  #wake: () => void = () => undefined;
  #state: ConnectionStatus['state'] = 'connecting';
  #since: number;
  #error: string | undefined;
  #late = 0;
  #probeAt = -Infinity;
  /** When the read began that the driver has not answered yet, monotonic milliseconds. */
  #readingSince: number | undefined;

  constructor(setup: ConnectionSetup, driver: Driver, context: CollectorContext) {
    this.#setup = setup;
    this.#driver = driver;
    this.#context = context;
    this.#since = context.clock.wall();
    this.#alignment = createAlignment(context.clock);
    this.devices = setup.devices.map((device) => new PolledDevice(device, context.clock, context.report));
    this.#busTime = forecastBusTime(setup, driver, context.report);
  }

  /** Polls until `signal` aborts. Rejects only with what must end the daemon. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.devices.length === 0) return;
    const attempt = (lifetime: AbortSignal, healthy: () => void): Promise<void> => this.#connection(lifetime, healthy);
    await supervise(
      { clock: this.#context.clock, backoff: RECONNECT, attempt, failed: (error) => this.#lost(error) },
      signal,
    );
  }

  /** Reads points of one device ahead of the polls. Rejects when the connection is down or `signal` aborts first. */
  read(device: PolledDevice, points: readonly PolledPoint[], signal: AbortSignal): Promise<readonly Reading[]> {
    const answer = Promise.withResolvers<readonly Reading[]>();
    if (this.#state === 'up') {
      signal.addEventListener('abort', () => answer.reject(signal.reason), { once: true });
      this.#requests.push({ device, points, answer });
      this.#wake();
    } else {
      const why = this.#error ?? 'not connected yet';
      answer.reject(new GatewayError('connection-failed', `connection ${this.#setup.id}: ${why}`));
    }
    return answer.promise;
  }

  async #connection(signal: AbortSignal, healthy: () => void): Promise<void> {
    const { clock, report } = this.#context;
    const devices = this.devices.map((device) => device.driver);
    const context: DriverContext = {
      clock,
      connection: this.#setup.id,
      observe: this.#observe,
      answered: () => undefined,
      tap: { listener: undefined },
    };
    await using session = await driverCall(this.#driver.open(this.#setup.settings, devices, context, signal), signal);
    this.#change('up', undefined);
    report('connection-up', { connection: this.#setup.id });
    healthy();
    while (!signal.aborted) {
      const request = this.#requests.shift();
      const device = request === undefined ? this.#nextDue(clock.monotonic()) : undefined;
      if (request !== undefined) await this.#serve(session, request, signal);
      else if (device !== undefined) await this.#poll(session, device, signal);
      else await this.#rest(signal);
    }
  }

  /** The device to poll now: due longest, live ones before lost ones while the lost have had their share. */
  #nextDue(now: number): PolledDevice | undefined {
    const mayProbe = now >= this.#probeAt;
    return this.devices
      .filter((device) => this.#dueAt(device) <= now + TIMER_GRAIN && (mayProbe || !device.lost))
      .reduce<PolledDevice | undefined>(
        (first, device) => (first === undefined || goesBefore(device, first) ? device : first),
        undefined,
      );
  }

  #dueAt(device: PolledDevice): number {
    const due = Math.max(device.schedule.due, device.retryAt);
    return device.lost ? Math.max(due, this.#probeAt) : due;
  }

  async #poll(session: Session, device: PolledDevice, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const began = clock.monotonic();
    const wasLost = device.lost;
    const { points, missed } = device.schedule.take(began + TIMER_GRAIN, this.#alignment());
    if (!wasLost) this.#late += missed;
    try {
      const readings = await this.#ask(session, device, points, signal);
      device.polled(readings, began);
      await this.#record(device, readings);
    } catch (error) {
      if (error instanceof GatewayError && error.remedy === 'retry') await this.#recordDisconnected(device, points);
      throw error;
    } finally {
      const now = clock.monotonic();
      if (wasLost && device.lost && this.devices.some((other) => !other.lost)) {
        this.#probeAt = now + (now - began) * REST_AFTER_FAILED_PROBE;
      }
    }
  }

  async #serve(session: Session, { device, points, answer }: Request, signal: AbortSignal): Promise<void> {
    try {
      answer.resolve(device.convert(await this.#ask(session, device, points, signal)));
    } catch (error) {
      answer.reject(error);
      throw error;
    }
  }

  async #ask(
    session: Session,
    device: PolledDevice,
    points: readonly PolledPoint[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    this.#readingSince = this.#context.clock.monotonic();
    try {
      return await driverCall(session.read(device.driver, points, signal), signal);
    } finally {
      this.#readingSince = undefined;
    }
  }

  /** Why this collector does not get on; undefined while it does. */
  get stall(): string | undefined {
    const span = this.#context.clock.monotonic() - (this.#readingSince ?? Infinity);
    return span > LONGEST_READ
      ? `connection ${this.#setup.id} has been in one read for ${Math.round(span / 60_000)} min`
      : undefined;
  }

  /** Waits for the next due device or for a request, whichever comes first. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const due = this.devices.reduce((earliest, device) => Math.min(earliest, this.#dueAt(device)), Infinity);
    await new Promise<void>((resolve) => {
      const cancel = clock.after(Math.max(0, due - clock.monotonic()), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    signal.removeEventListener('abort', this.#wake);
  }

  /** The connection broke: requests fail, and what is due now is bad, for none of it will be read. */
  async #lost(error: GatewayError): Promise<void> {
    for (const request of this.#requests.splice(0)) request.answer.reject(error);
    if (this.#state !== 'lost') {
      this.#context.report('connection-lost', { connection: this.#setup.id, error: error.message });
    }
    this.#change('lost', error.message);
    const now = this.#context.clock.monotonic();
    for (const device of this.devices.filter((each) => each.schedule.due <= now)) {
      const { points } = device.schedule.take(now, this.#alignment());
      await this.#recordDisconnected(device, points);
    }
  }

  async #recordDisconnected(device: PolledDevice, points: readonly PolledPoint[]): Promise<void> {
    const now = this.#context.clock.monotonic();
    device.disconnected();
    await this.#record(
      device,
      points.map((point) => badReading(point.number, 'not-connected', now)),
    );
  }

  async #record(device: PolledDevice, raw: readonly Reading[]): Promise<void> {
    const readings = device.news(device.convert(raw));
    if (readings.length === 0) return;
    this.#context.shown(readings);
    await this.#context.recorder.record(readings);
  }

  readonly #observe: DriverContext['observe'] = (event, device, detail) => {
    this.#wire.set(event, (this.#wire.get(event) ?? 0) + 1);
    this.#context.report('wire-oddity', { connection: this.#setup.id, event, device, detail });
  };

  #change(state: ConnectionStatus['state'], error: string | undefined): void {
    this.#error = error;
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#context.clock.wall();
  }

  status(): { readonly connection: ConnectionStatus; readonly devices: readonly DeviceStatus[] } {
    const connection: ConnectionStatus = {
      id: this.#setup.id,
      driver: this.#driver.name,
      state: this.#state,
      since: isoTime(this.#since),
      error: this.#error ?? null,
      busTime: this.#busTime ?? null,
      late: this.#late,
      wire: Object.fromEntries(this.#wire),
    };
    return { connection, devices: this.devices.map((device) => device.status(this.#setup.id)) };
  }
}

/** Whether `one` is polled before `other`: due earlier, or as early and waiting longer for its turn. */
function goesBefore(one: PolledDevice, other: PolledDevice): boolean {
  if (one.lost !== other.lost) return other.lost;
  const difference = one.schedule.due - other.schedule.due;
  return difference === 0 ? one.servedAt < other.servedAt : difference < 0;
}

/** What a driver throws is either ours, or a fault of the driver that must not reach beyond its connection. */
async function driverCall<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (signal.aborted) throw error;
    throw asGatewayError(error, 'driver-failed');
  }
}
