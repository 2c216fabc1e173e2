import { isoTime, type Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import type { DeviceStatus } from '../model/status.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Report } from '../ops/events.ts';
import { backoffDelay, type Backoff } from '../ops/supervise.ts';
import { endsSession, isAccessRefused } from './bus.ts';
import type { CollectedDevice } from './collected-device.ts';
import type { ListeningSession, Session } from './driver.ts';
import { askedSpan, Holes, wasMissed, type Hole } from './holes.ts';
import type { Intake } from './intake.ts';
import { Waker } from './waker.ts';

const AGAIN: Backoff = { first: 60_000, longest: 3_600_000, jitter: 0.2 };

// Some eight hours: a device that answers polls and not once for its history has none.
const MOST_ATTEMPTS = 12;

// Milliseconds between two portions at most: what it costs others is halved by waiting as long as each took.
const LONGEST_PAUSE = 1_000;

export type FillContext = {
  readonly clock: Clock;
  readonly report: Report;
  readonly state: StateStore;
  readonly devices: readonly CollectedDevice[];
  readonly intake: Intake;
  /** When the journal has last had a good reading of each of these points, wall milliseconds. */
  readonly newest: (points: ReadonlySet<PointNumber>) => Promise<ReadonlyMap<PointNumber, number>>;
};

/** Has the session for one request of a fill; rejects as the session does. */
export type Ask = <T>(request: () => Promise<T>, signal: AbortSignal) => Promise<T>;

type Attempts = { count: number; restUntil: number };

/** Reads back what devices have kept by themselves of the time in which nobody heard them. */
export class HistoryFill {
  readonly #context: FillContext;
  readonly #holes: ReadonlyMap<CollectedDevice, Holes>;
  readonly #attempts = new Map<CollectedDevice, Attempts>();
  readonly #waker: Waker;
  /** Whether the session of the moment can tell of the past: else nobody needs to know when what was heard. */
  #remembers = false;

  constructor(context: FillContext) {
    const { clock, state, devices } = context;
    this.#context = context;
    this.#holes = new Map(devices.map((device) => [device, new Holes(device, clock, state)]));
    this.#waker = new Waker(clock);
  }

  /** The oldest of what is still to be read back of a device. */
  missing(device: CollectedDevice): DeviceStatus['missing'] {
    const [hole] = this.#holes.get(device)?.open ?? [];
    return hole === undefined ? null : { from: isoTime(hole.from), to: isoTime(hole.to) };
  }

  /** A device was heard; `interrupted` where it had been away, or was never heard before. */
  async heard(device: CollectedDevice, readings: readonly Reading[], interrupted: boolean): Promise<void> {
    const holes = this.#holes.get(device);
    if (!this.#remembers || holes === undefined) return;
    if (holes.unheard) {
      holes.remember(await this.#context.newest(new Set(device.points.map(({ number }) => number))));
    }
    if (holes.heard(readings, interrupted)) await holes.save();
    if (interrupted) this.#waker.wake(); // older holes, too, can be filled from now on
  }

  /** Fills holes over `session` until `signal` aborts. Rejects when the session is of no more use, or with `journal-failed`. */
  async run(session: Session | ListeningSession, ask: Ask, signal: AbortSignal): Promise<void> {
    this.#remembers = session.history !== undefined;
    while (!signal.aborted) {
      const [device, hole] = this.#next() ?? [];
      if (!this.#remembers || device === undefined || hole === undefined) {
        await this.#waker.wait(this.#nextAttempt(), signal);
      } else await this.#attempt({ session, device, hole, ask }, signal);
    }
  }

  #next(): readonly [CollectedDevice, Hole] | undefined {
    const now = this.#context.clock.monotonic();
    for (const [device, { open }] of this.#holes) {
      const [hole] = open;
      if (hole !== undefined && device.health.up && this.#notBefore(device, hole) <= now) return [device, hole];
    }
    return undefined;
  }

  #nextAttempt(): number {
    const times = [...this.#holes].map(
      ([
        device,
        {
          open: [hole],
        },
      ]) => (hole === undefined || !device.health.up ? Infinity : this.#notBefore(device, hole)),
    );
    return Math.min(...times);
  }

  #notBefore(device: CollectedDevice, { settled }: Hole): number {
    return Math.max(settled, this.#attempts.get(device)?.restUntil ?? -Infinity);
  }

  async #attempt(filling: Filling, signal: AbortSignal): Promise<void> {
    const { device, hole } = filling;
    const { report } = this.#context;
    const { from, to } = hole;
    try {
      const readings = await this.#fill(filling, signal);
      this.#attempts.delete(device);
      await this.#holes.get(device)?.close(hole);
      report('history-filled', { device: device.id, from: isoTime(from), to: isoTime(to), readings });
    } catch (error) {
      if (signal.aborted) return;
      const failure = asGatewayError(error, 'driver-failed');
      if (endsSession(failure)) throw failure;
      // The hole is left as it is: it can be filled once we are let in again.
      if (isAccessRefused(failure)) return device.refused(failure);
      await this.#failed(device, hole, failure);
    } finally {
      if (hole.from > from) await this.#holes.get(device)?.save();
    }
  }

  /** Returns how many readings were missing. */
  async #fill({ session, device, hole, ask }: Filling, signal: AbortSignal): Promise<number> {
    const { clock, intake } = this.#context;
    const portions = session.history?.(device.driver, device.points, askedSpan(hole), signal)[Symbol.asyncIterator]();
    if (portions === undefined) return 0;
    let count = 0;
    try {
      for (;;) {
        const began = clock.monotonic();
        const { done, value } = await ask(() => portions.next(), signal);
        if (done === true) return count;
        const missed = value.filter((reading) => wasMissed(reading, hole));
        await intake.recordPast(device, missed);
        count += missed.length;
        hole.from = missed.reduce((newest, { sourceTime }) => Math.max(newest, sourceTime ?? newest), hole.from);
        await clock.sleep(Math.min(LONGEST_PAUSE, clock.monotonic() - began), signal);
      }
    } finally {
      await portions.return?.().catch(() => undefined);
    }
  }

  async #failed(device: CollectedDevice, hole: Hole, error: GatewayError): Promise<void> {
    const { clock, report } = this.#context;
    const count = (this.#attempts.get(device)?.count ?? 0) + 1;
    if (error.code !== 'device-refused' && error.code !== 'usage' && count < MOST_ATTEMPTS) {
      this.#attempts.set(device, { count, restUntil: clock.monotonic() + backoffDelay(AGAIN, count) });
      return;
    }
    this.#attempts.delete(device);
    await this.#holes.get(device)?.close(hole);
    const { from, to } = hole;
    report('history-missing', { device: device.id, from: isoTime(from), to: isoTime(to), error: error.message });
  }
}

type Filling = {
  readonly session: Session | ListeningSession;
  readonly device: CollectedDevice;
  readonly hole: Hole;
  readonly ask: Ask;
};
