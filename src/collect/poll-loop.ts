import type { Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError, errorCodes } from '../model/errors.ts';
import type { Reading, Reason } from '../model/reading.ts';
import type { BusQueue } from './bus-queue.ts';
import { endsSession, isAccessRefused } from './bus.ts';
import type { CollectedDevice } from './collected-device.ts';
import type { Session } from './driver.ts';
import type { HistoryFill } from './history-fill.ts';
import type { Intake } from './intake.ts';
import { createAlignment } from './schedule.ts';
import { TIMER_GRAIN, Turns } from './turns.ts';
import { Waker } from './waker.ts';

export type PollContext = {
  readonly clock: Clock;
  readonly devices: readonly CollectedDevice[];
  readonly queue: BusQueue;
  readonly intake: Intake;
  readonly history: HistoryFill;
};

/** What a device that is to describe its points may fail with, and what that means for its readings. */
const silences: Readonly<Record<string, Reason>> = {
  'no-answer': 'no-answer',
  'answer-malformed': 'malformed-answer',
};

/** Asks the devices of one connection, one request at a time: each when it is due, and in between what is queued. */
export class PollLoop {
  /** Rounds that were missed because the bus was not free. */
  late = 0;
  /** When the request began that the driver has not answered yet, monotonic milliseconds. */
  busySince: number | undefined;
  readonly #context: PollContext;
  readonly #turns: Turns;
  readonly #alignment: () => number;
  readonly #waker: Waker;

  constructor(context: PollContext) {
    this.#context = context;
    this.#turns = new Turns(context.devices, context.clock.monotonic());
    this.#alignment = createAlignment(context.clock);
    this.#waker = new Waker(context.clock);
  }

  /** Looks again whom to ask, now. */
  wake(): void {
    this.#waker.wake();
  }

  /** Asks over `session` until `signal` aborts. Rejects when the session is of no more use, or with `journal-failed`. */
  async run(session: Session, signal: AbortSignal): Promise<void> {
    const { clock, queue } = this.#context;
    while (!signal.aborted) {
      const turn = this.#turns.next(queue, clock.monotonic());
      if (turn.kind === 'rest') await this.#waker.wait(turn.until, signal);
      else if (turn.kind !== 'device') await this.#serve(turn.kind, session, signal);
      else if (turn.device.toDescribe) await this.#describe(session, turn.device, signal);
      else await this.#poll(session, turn.device, signal);
    }
  }

  async #serve(kind: 'write' | 'work', session: Session, signal: AbortSignal): Promise<void> {
    const { clock, queue } = this.#context;
    const request = kind === 'write' ? queue.takeWrites() : queue.take();
    if (request !== undefined) await this.#during(request.carryOut(session, signal));
    this.#turns.wentAhead(kind, clock.monotonic());
  }

  async #poll(session: Session, device: CollectedDevice, signal: AbortSignal): Promise<void> {
    const { clock, intake, history } = this.#context;
    const began = clock.monotonic();
    const { silent: wasSilent, up: wasUp } = device.health;
    const { points, due, missed } = device.schedule.take(began + TIMER_GRAIN, this.#alignment());
    if (!wasSilent) this.late += missed;
    try {
      const readings = await this.#during(driverCall(session.read(device.driver, points, signal), signal));
      const outcome = device.polled(readings, began);
      this.#turns.had(device, { began, wasSilent }, clock.monotonic());
      if (outcome === 'back') this.#rouse();
      // A failed attempt between two periods says nothing that is not recorded already.
      await intake.record(device, outcome === 'silent' && due !== points ? among(readings, due) : readings);
      if (outcome !== 'silent') await history.heard(device, readings, !wasUp);
    } catch (error) {
      if (isAccessRefused(error)) {
        device.refused(error);
        this.#turns.had(device, { began, wasSilent }, clock.monotonic());
        await intake.recordBad(device, due, 'refused');
        return;
      }
      if (error instanceof GatewayError && error.remedy === 'retry') {
        device.disconnected();
        await intake.recordBad(device, due, 'not-connected');
      }
      throw error;
    }
  }

  /** Asks a device what it holds; its first read comes when it has said so. */
  async #describe(session: Session, device: CollectedDevice, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const began = clock.monotonic();
    const wasSilent = device.health.silent;
    try {
      await this.#during(this.#discover(session, device, signal));
      if (device.health.answered()) this.#rouse();
    } catch (error) {
      if (signal.aborted || endsSession(error)) throw error;
      await this.#undescribed(device, asGatewayError(error, 'failed'), clock.monotonic() - began);
    }
    this.#turns.had(device, { began, wasSilent }, clock.monotonic());
  }

  async #discover(session: Session, device: CollectedDevice, signal: AbortSignal): Promise<void> {
    const points = await driverCall(session.discover?.(device.driver, signal) ?? Promise.resolve([]), signal);
    if (points.length === 0) throw new GatewayError('device-undescribed', `device ${device.id} describes no points`);
    await this.#context.intake.describe(device, points);
  }

  async #undescribed(device: CollectedDevice, error: GatewayError, held: number): Promise<void> {
    const reason = silences[error.code];
    if (error.code === 'access-refused') {
      device.refused(error);
      return;
    }
    if (reason === undefined) {
      device.health.undescribed(`${error.message}. ${errorCodes['device-undescribed'].advice}`);
      // What it described before is read on.
      device.toDescribe = device.points.length === 0;
      return;
    }
    const { due } = device.schedule.take(this.#context.clock.monotonic(), this.#alignment());
    device.unanswered(reason, held);
    await this.#context.intake.recordBad(device, due, reason);
  }

  #rouse(): void {
    for (const { health } of this.#context.devices) health.rouse();
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.busySince = this.#context.clock.monotonic();
    try {
      return await work;
    } finally {
      this.busySince = undefined;
    }
  }

  /** The connection is down: what is due now will not be read. */
  async disconnected(): Promise<void> {
    const { clock, devices, intake } = this.#context;
    const now = clock.monotonic();
    for (const device of devices.filter(({ schedule }) => schedule.due <= now)) {
      const { due } = device.schedule.take(now, this.#alignment());
      device.disconnected();
      await intake.recordBad(device, due, 'not-connected');
    }
  }
}

function among(readings: readonly Reading[], points: readonly { readonly number: number }[]): readonly Reading[] {
  const numbers = new Set(points.map(({ number }) => number));
  return readings.filter(({ point }) => numbers.has(point));
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
