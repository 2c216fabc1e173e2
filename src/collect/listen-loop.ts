import type { Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import type { CollectedDevice } from './collected-device.ts';
import type { ListeningSession, Pushed } from './driver.ts';
import type { HistoryFill } from './history-fill.ts';
import type { Intake } from './intake.ts';
import type { CollectedPoint } from './setup.ts';
import { Median } from './statistics.ts';
import { together } from './together.ts';
import { Waker } from './waker.ts';

// A device that has been silent for so many of its usual intervals is lost.
const PATIENCE = 3;

// Enough for a median that one telegram more or less does not move, few enough to follow a meter that was set anew.
const RECENT_INTERVALS = 8;

// Milliseconds. Telegrams that follow each other within this are one saying: meters send several at once.
const ONE_BREATH = 500;

export type ListenContext = {
  readonly clock: Clock;
  readonly devices: readonly CollectedDevice[];
  readonly intake: Intake;
  readonly history: HistoryFill;
};

/** When a device speaks. Times in monotonic milliseconds. */
class Rhythm {
  readonly #intervals = new Median(RECENT_INTERVALS);
  readonly #expected: number;
  #heardAt: number | undefined;
  #since: number;

  /** `expected`: the interval to go by until its own is known. */
  constructor(expected: number, now: number) {
    this.#expected = expected;
    this.#since = now;
  }

  /** When it has been silent for too long. */
  get patienceEnds(): number {
    return this.#since + PATIENCE * (this.#intervals.value ?? this.#expected);
  }

  spoke(now: number): void {
    this.#since = now;
    const interval = now - (this.#heardAt ?? -Infinity);
    if (interval < ONE_BREATH) return;
    if (this.#heardAt !== undefined) this.#intervals.add(interval);
    this.#heardAt = now;
  }

  /** It could not be heard until now. */
  pause(now: number): void {
    this.#heardAt = undefined;
    this.#since = now;
  }
}

type Listener = {
  readonly device: CollectedDevice;
  readonly resolve: (readings: readonly Reading[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Records what the devices of one connection say by themselves, and notices when one of them falls silent. */
export class ListenLoop {
  readonly #context: ListenContext;
  readonly #rhythms: ReadonlyMap<CollectedDevice, Rhythm>;
  readonly #waker: Waker;
  readonly #listeners = new Set<Listener>();
  /** When silences are looked for next. */
  #nextLook = -Infinity;

  constructor(context: ListenContext) {
    const { clock, devices } = context;
    this.#context = context;
    this.#waker = new Waker(clock);
    this.#rhythms = new Map(devices.map((device) => [device, new Rhythm(device.period, clock.monotonic())]));
  }

  /** Listens until `signal` aborts. Rejects when the session is of no more use, or with `journal-failed`. */
  async run(session: ListeningSession, signal: AbortSignal): Promise<void> {
    const now = this.#context.clock.monotonic();
    for (const rhythm of this.#rhythms.values()) rhythm.pause(now);
    const tasks = [(lifetime: AbortSignal) => this.#take(session, lifetime)];
    if (session.watchesSilence !== true) tasks.push((lifetime) => this.#watch(lifetime));
    await together(tasks, signal);
  }

  /** What a device says next of these points. Rejects when the connection is lost, or with the signal's reason. */
  next(device: CollectedDevice, points: readonly CollectedPoint[], signal: AbortSignal): Promise<readonly Reading[]> {
    const asked = new Set(points.map(({ number }) => number));
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const listener: Listener = {
        device,
        resolve: (readings) => resolve(readings.filter(({ point }) => asked.has(point))),
        reject,
      };
      this.#listeners.add(listener);
      const onAbort = (): void => {
        this.#listeners.delete(listener);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Tells everybody who waits why they wait in vain. */
  fail(error: unknown): void {
    for (const { reject } of this.#listeners) reject(error);
    this.#listeners.clear();
  }

  async #take(session: ListeningSession, signal: AbortSignal): Promise<void> {
    try {
      for await (const pushed of session.listen(signal)) {
        if (signal.aborted) return;
        await this.#heard(pushed);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw asGatewayError(error, 'driver-failed');
    }
    if (!signal.aborted) throw new GatewayError('driver-failed', 'the driver stopped listening without a reason');
  }

  async #heard({ device: id, discovered = [], readings }: Pushed): Promise<void> {
    const { clock, intake, history } = this.#context;
    const [device, rhythm] = this.#known(id);
    const wasUp = device.health.up;
    rhythm.spoke(clock.monotonic());
    if (device.setup.described !== undefined) await intake.describeMore(device, discovered);
    const numbered = readings.flatMap((reading) => this.#numbered(device, reading) ?? []);
    device.spoke(numbered);
    if (rhythm.patienceEnds < this.#nextLook) this.#waker.wake();
    for (const listener of this.#listeners) {
      if (listener.device !== device) continue;
      this.#listeners.delete(listener);
      listener.resolve(numbered);
    }
    await intake.record(device, numbered);
    await history.heard(device, numbered, !wasUp);
  }

  #known(id: string): readonly [CollectedDevice, Rhythm] {
    for (const entry of this.#rhythms) if (entry[0].id === id) return entry;
    throw new GatewayError('driver-failed', `the driver heard a device ${id}, which is not configured`);
  }

  /** The reading under the number of its point; undefined where the device has more points than one may have. */
  #numbered(device: CollectedDevice, reading: Reading<PointNumber | string>): Reading | undefined {
    const { intake } = this.#context;
    const point = typeof reading.point === 'number' ? reading.point : intake.numberOf(device, reading.point);
    if (point !== undefined) return { ...reading, point };
    if (intake.isFull(device)) return undefined;
    const what = `a point ${reading.point} of ${device.id}`;
    throw new GatewayError('driver-failed', `the driver heard ${what} that it did not describe`);
  }

  /** Notices silences until `signal` aborts. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!signal.aborted) {
      this.#nextLook = Infinity;
      for (const [device, rhythm] of this.#rhythms) {
        if (device.health.silent) continue;
        if (rhythm.patienceEnds <= clock.monotonic()) await this.#fellSilent(device);
        else this.#nextLook = Math.min(this.#nextLook, rhythm.patienceEnds);
      }
      await this.#waker.wait(this.#nextLook, signal);
    }
  }

  async #fellSilent(device: CollectedDevice): Promise<void> {
    device.unanswered('no-answer', 0);
    await this.#context.intake.recordBad(device, device.points, 'no-answer');
  }
}

/** Milliseconds for which a device may be silent before anything is known of its rhythm. */
export function patienceWith(device: CollectedDevice): number {
  return PATIENCE * device.period;
}
