import { isoTime, type Clock } from '../model/clock.ts';
import { GatewayError, asGatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import type { ConnectionStatus, DeviceStatus } from '../model/status.ts';
import { supervise, type Backoff } from '../ops/supervise.ts';
import { BusQueue } from './bus-queue.ts';
import { BusTimes } from './bus-time.ts';
import { isAccessRefused, keepsNothing, type Bus, type BusWork } from './bus.ts';
import { CollectedDevice } from './collected-device.ts';
import type {
  AnySession,
  Driver,
  DriverContext,
  DriverDevice,
  ListeningSession,
  PointWrite,
  Session,
  TimeSpan,
} from './driver.ts';
import { FrameTrace } from './frame-trace.ts';
import { HistoryFill, type Ask, type FillContext } from './history-fill.ts';
import { Intake, type IntakeContext } from './intake.ts';
import { ListenLoop } from './listen-loop.ts';
import { PollLoop } from './poll-loop.ts';
import { ServeLoop } from './serve-loop.ts';
import type { CollectedPoint, ConnectionSetup } from './setup.ts';
import { LatencyMeter, WireCounters } from './statistics.ts';
import { together } from './together.ts';

export type CollectorContext = IntakeContext & Pick<FillContext, 'state' | 'newest'>;

const RECONNECT: Backoff = { first: 500, longest: 60_000, jitter: 0.3 };

// Milliseconds. Every request has a deadline of its own: a driver that takes longer than this has lost its way.
const LONGEST_REQUEST = 3_600_000;

/**
 * Owns one connection: opens it, keeps it open, and records what its devices hold. Those that are asked are asked one
 * at a time; those that speak by themselves are listened to.
 */
export class Collector implements Bus {
  readonly id: string;
  readonly driver: Driver;
  readonly settings: unknown;
  readonly clock: Clock;
  readonly devices: readonly CollectedDevice[];
  readonly trace: FrameTrace;
  readonly #context: CollectorContext;
  readonly #times: BusTimes;
  readonly #queue: BusQueue;
  readonly #polling: PollLoop;
  readonly #listening: ListenLoop;
  readonly #serving: ServeLoop;
  readonly #history: HistoryFill;
  readonly #latency = new LatencyMeter();
  readonly #wire = new WireCounters();
  readonly #byId: ReadonlyMap<string | undefined, CollectedDevice>;
  #state: ConnectionStatus['state'] = 'connecting';
  #since: number;
  #error: string | undefined;
  /** That of the moment, or the last one. */
  #session: Session | ListeningSession | undefined;

  constructor(setup: ConnectionSetup, driver: Driver, context: CollectorContext) {
    const { clock, report } = context;
    this.id = setup.id;
    this.driver = driver;
    this.settings = setup.settings;
    this.clock = clock;
    this.#context = context;
    this.#since = clock.wall();
    this.trace = new FrameTrace(clock);
    const devices = setup.devices.map((device) => new CollectedDevice(device, clock, report));
    this.devices = devices;
    this.#byId = new Map(devices.map((device) => [device.id, device]));
    this.#times = new BusTimes(setup, driver, { devices, report });
    this.#queue = new BusQueue(setup.id, driver, () => {
      this.#polling.wake();
      this.#serving.wake();
    });
    const intake = new Intake(context, driver, this.#times);
    const history = new HistoryFill({ ...context, devices, intake });
    this.#history = history;
    this.#polling = new PollLoop({ clock, devices, queue: this.#queue, intake, history });
    this.#listening = new ListenLoop({ clock, devices, intake, history });
    this.#serving = new ServeLoop(clock, this.#queue);
  }

  /** Collects until `signal` aborts. Rejects only with what must end the daemon. */
  async run(signal: AbortSignal): Promise<void> {
    const attempt = (lifetime: AbortSignal, healthy: () => void): Promise<void> => this.#connection(lifetime, healthy);
    try {
      await supervise({ clock: this.clock, backoff: RECONNECT, attempt, failed: (error) => this.#lost(error) }, signal);
    } finally {
      this.#fail(new GatewayError('connection-lost', `connection ${this.id}: the gateway stops`));
    }
  }

  /**
   * The points of one device now: read ahead of the polls, or what the device says next. Rejects when the connection is
   * down or `signal` aborts first.
   */
  async read(
    device: CollectedDevice,
    points: readonly CollectedPoint[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    this.#requireConnection();
    const readings = this.#answers
      ? await this.#readNow(device, points, signal)
      : await this.#listening.next(device, points, signal);
    return device.convert(readings);
  }

  /** A device that does not let us in is not waited for: whoever asks for it now has it tried at once. */
  async #readNow(
    device: CollectedDevice,
    points: readonly CollectedPoint[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    const { refuses } = device.health;
    try {
      const readings = await this.use((session, lifetime) => session.read(device.driver, points, lifetime), signal);
      if (refuses) this.retry(device);
      return readings;
    } catch (error) {
      if (isAccessRefused(error)) device.refused(error);
      throw error;
    }
  }

  /** Has the polls try a device at once that they leave alone because of what it said. */
  retry(device: CollectedDevice): void {
    device.health.retry();
    this.#polling.wake();
  }

  /**
   * What one device has kept of these points, portion by portion; see the driver's `History`. Rejects with `usage` where
   * its protocol has no memory, when the connection is down, or with the signal's reason.
   */
  async *history(
    device: CollectedDevice,
    points: readonly CollectedPoint[],
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Reading[]> {
    this.#requireConnection();
    const session = this.#session;
    const portions = session?.history?.(device.driver, points, span, signal)[Symbol.asyncIterator]();
    if (session === undefined || portions === undefined) throw keepsNothing(this.driver);
    const ask = this.#askOver(session);
    try {
      for (;;) {
        const { done, value } = await ask(() => portions.next(), signal);
        if (done === true) return;
        yield device.convert(value);
      }
    } finally {
      await portions.return?.().catch(() => undefined);
    }
  }

  async use<T>(work: BusWork<T>, signal: AbortSignal): Promise<T> {
    this.#admit();
    return this.#queue.put(work, signal);
  }

  async write(
    device: DriverDevice<unknown, unknown>,
    writes: readonly PointWrite[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    this.#admit();
    return this.#queue.putWrite(device, writes, signal);
  }

  /** Whether the session of the moment can be asked; else it is only listened to. */
  get #answers(): boolean {
    return this.#session === undefined || 'read' in this.#session;
  }

  #requireConnection(): void {
    if (this.#state === 'up') return;
    throw new GatewayError('connection-failed', `connection ${this.id}: ${this.#error ?? 'not connected yet'}`);
  }

  /** Throws where nothing can be asked over the connection now. */
  #admit(): void {
    this.#requireConnection();
    if (!this.#answers) {
      throw new GatewayError(
        'usage',
        `connection ${this.id}: its devices speak by themselves and cannot be asked; \`weir device read\` and \`weir trace\` show what they say`,
      );
    }
  }

  async #connection(signal: AbortSignal, healthy: () => void): Promise<void> {
    // What a device has described before may be something else after a loss: its driver hears of no points.
    const devices = this.devices.map(({ driver, setup }) => (setup.described ? { ...driver, points: [] } : driver));
    await using session = await this.#open(devices, signal);
    this.#session = session;
    this.#change('up', undefined);
    this.#context.report('connection-up', { connection: this.id });
    healthy();
    await together(
      [(lifetime) => this.#collect(session, lifetime), (lifetime) => this.#fill(session, lifetime)],
      signal,
    );
  }

  #collect(session: AnySession, signal: AbortSignal): Promise<void> {
    if (!('listen' in session)) return this.#polling.run(session, signal);
    const tasks = [(lifetime: AbortSignal) => this.#listening.run(session, lifetime)];
    if ('read' in session) tasks.push((lifetime) => this.#serving.run(session, lifetime));
    return together(tasks, signal);
  }

  #fill(session: Session | ListeningSession, signal: AbortSignal): Promise<void> {
    return this.#history.run(session, this.#askOver(session), signal);
  }

  /** Between the polls where the devices are asked; beside them where they speak by themselves. */
  #askOver(session: Session | ListeningSession): Ask {
    return (request, signal) => ('listen' in session ? request() : this.#queue.put(request, signal));
  }

  async #open(devices: readonly DriverDevice<unknown, unknown>[], signal: AbortSignal) {
    const context: DriverContext = {
      clock: this.clock,
      connection: this.id,
      observe: this.#observe,
      answered: this.#answered,
      tap: this.trace.tap,
      folder: this.#context.folder,
      state: this.#context.state,
    };
    try {
      return await this.driver.open(this.settings, devices, context, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw asGatewayError(error, 'driver-failed');
    }
  }

  /** Why this collector does not get on; undefined while it does. */
  get stall(): string | undefined {
    const span = this.clock.monotonic() - (this.#polling.busySince ?? this.#serving.busySince ?? Infinity);
    return span > LONGEST_REQUEST
      ? `connection ${this.id} has been in one read for ${Math.round(span / 60_000)} min`
      : undefined;
  }

  /** The connection broke or could not be made: requests fail, and what is due now is bad, for none of it will be read. */
  async #lost(error: GatewayError): Promise<void> {
    this.#fail(error);
    if (this.#state !== 'lost') {
      this.#context.report('connection-lost', { connection: this.id, error: error.message });
    }
    this.#change('lost', error.message);
    await this.#polling.disconnected();
  }

  #fail(error: GatewayError): void {
    this.#queue.fail(error);
    this.#listening.fail(error);
  }

  readonly #observe: DriverContext['observe'] = (event, device, detail) => {
    this.#wire.count(event);
    this.#byId.get(device)?.wire.count(event);
    this.#context.report('wire-oddity', { connection: this.id, event, device, detail });
  };

  readonly #answered: DriverContext['answered'] = (device, milliseconds) => {
    this.#latency.add(milliseconds);
    this.#byId.get(device)?.latency.add(milliseconds);
  };

  #change(state: ConnectionStatus['state'], error: string | undefined): void {
    this.#error = error;
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.clock.wall();
  }

  status(): { readonly connection: ConnectionStatus; readonly devices: readonly DeviceStatus[] } {
    const connection: ConnectionStatus = {
      id: this.id,
      driver: this.driver.name,
      state: this.#state,
      since: isoTime(this.#since),
      error: this.#error ?? null,
      busTime: this.#times.forecastRound,
      roundTime: this.#times.measuredRound,
      latency: this.#latency.status(),
      waiting: this.#queue.length,
      late: this.#polling.late,
      wire: this.#wire.status(),
    };
    return {
      connection,
      devices: this.devices.map((device) => ({
        ...device.status(this.id, this.#times.forecastOf(device)),
        missing: this.#history.missing(device),
      })),
    };
  }
}
