import { opcua } from '../../drivers/opcua/driver.ts';
import type { AnySession, DriverContext, DriverDevice, Pushed, WireEvent } from '../../src/collect/driver.ts';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { FrameTap, TracedFrame } from '../../src/wire/trace.ts';

export const NEVER = new AbortController().signal;

/** Without any protection: for tests that are about something else. */
export const OPEN = { policy: 'None', mode: 'None', allowInsecure: 'a test on the loopback' };

export type Told = { readonly event: WireEvent; readonly device: string | undefined; readonly detail: string };

export type OpcuaOptions = {
  readonly folder: string | undefined;
  readonly connection: Readonly<Record<string, unknown>>;
  readonly points?: Readonly<Record<string, object>>;
  readonly device?: object;
  readonly clock?: Clock;
};

/** A device with points, each numbered from 1 in their order; written as in a configuration. */
export function opcuaDevice(
  points: Readonly<Record<string, object>>,
  device: object = {},
): DriverDevice<unknown, unknown> {
  return {
    id: 'plant',
    settings: opcua.schemas.device.parse(device),
    points: Object.entries(points).map(([name, keys], index) => ({
      number: index + 1,
      id: `plant/${name}`,
      address: opcua.schemas.point.parse(keys),
    })),
  };
}

/** Opens a session as the collector does. */
export async function openOpcua(
  { folder, connection, points = {}, device = {}, clock = systemClock }: OpcuaOptions,
  signal = NEVER,
) {
  const told: Told[] = [];
  const frames: TracedFrame[] = [];
  const tap: FrameTap = { listener: undefined };
  const context: DriverContext = {
    clock,
    connection: 'plc',
    observe: (event, of, detail) => told.push({ event, device: of, detail }),
    answered: () => undefined,
    tap,
    folder,
  };
  const target = opcuaDevice(points, device);
  const session = await opcua.open(opcua.schemas.connection.parse(connection), [target], context, signal);
  return { session, device: target, told, tap, frames, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

/** What a session that is listened to tells, as it comes. */
export class Ear implements AsyncDisposable {
  readonly readings: Reading[] = [];
  readonly #stop = new AbortController();
  readonly #names: ReadonlyMap<number, string>;
  readonly #watchers = new Set<() => void>();
  /** Ends as the session's `listen` does. */
  readonly ended: Promise<unknown>;

  constructor(session: AnySession, device: DriverDevice<unknown, unknown>) {
    this.#names = new Map(device.points.map(({ number, id }) => [number, id.replace('plant/', '')]));
    this.ended = this.#hear(session);
    this.ended.catch(() => undefined);
  }

  /** The readings of a point so far. */
  of(name: string): readonly Reading[] {
    return this.readings.filter(({ point }) => this.#names.get(point) === name);
  }

  /** Resolves once `what` is true of what was heard; rejects when listening ends before. */
  async until(what: (ear: Ear) => boolean): Promise<void> {
    const heard = Promise.withResolvers<void>();
    const look = (): void => {
      if (what(this)) heard.resolve();
    };
    this.#watchers.add(look);
    look();
    const over = this.ended.then(
      () => Promise.reject(new Error('listening ended')),
      (error: unknown) => Promise.reject(error as Error),
    );
    await Promise.race([heard.promise, over]).finally(() => this.#watchers.delete(look));
  }

  async #hear(session: AnySession): Promise<void> {
    if (!('listen' in session)) throw new TypeError('this session is not listened to');
    for await (const pushed of session.listen(this.#stop.signal)) this.#take(pushed);
  }

  #take({ readings }: Pushed): void {
    this.readings.push(
      ...readings.flatMap((reading) =>
        typeof reading.point === 'number' ? [{ ...reading, point: reading.point }] : [],
      ),
    );
    for (const look of this.#watchers) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => undefined);
  }
}
