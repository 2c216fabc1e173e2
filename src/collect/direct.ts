import type { Configuration, DeviceSettings } from '../config/configuration.ts';
import { configurable, type DriverLoaders } from '../config/drivers.ts';
import { parseKeys } from '../config/keys.ts';
import { choices, suggest } from '../config/nearest.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';
import type { Reading } from '../model/reading.ts';
import { showReading } from '../model/show-reading.ts';
import type { ShownReading } from '../model/status.ts';
import { keepsNothing } from './bus.ts';
import { BusCommissioning, scanStepwise, type Scan } from './bus-commissioning.ts';
import { CollectedDevice } from './collected-device.ts';
import type { Commissioning, Keys } from './commissioning.ts';
import { DirectBus, type DirectContext, type DirectTarget } from './direct-bus.ts';
import { definePoints } from './discovery.ts';
import type { DiscoveredPoint, Driver, ListeningSession, Pushed, Session, TimeSpan } from './driver.ts';
import { patienceWith } from './listen-loop.ts';
import { nextWords } from './next-words.ts';
import { collectedPoint, type CollectedPoint } from './setup.ts';
import { writePoints, type GivenValues } from './writing.ts';

/**
 * A connection that a command uses without the daemon: it is opened at the first request, and closed when disposed.
 * Whoever has a daemon on the same connection asks that instead.
 */
export interface DirectConnection extends AsyncDisposable {
  readonly commissioning: Commissioning;
  /** Reads a configured device once; `points` undefined means all. What it refuses or leaves unanswered is bad. */
  readDevice(
    device: DeviceSettings,
    points: readonly PointId[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly ShownReading[]>;
  /** What a configured device has kept by itself; see the driver's `History`. */
  history(
    device: DeviceSettings,
    points: readonly PointId[] | undefined,
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncIterable<readonly ShownReading[]>;
  /**
   * Listens to devices that speak by themselves until `signal` aborts, for who traces the connection. Rejects with `usage`
   * where they are asked.
   */
  listen(signal: AbortSignal): Promise<void>;
  /** Writes to a configured device, and answers with what was read back; see TechnicianControl.write. */
  write(device: DeviceSettings, values: GivenValues, signal: AbortSignal): Promise<readonly ShownReading[]>;
}

/** A connection of the configuration. Rejects with `usage` where there is none of that name. */
export async function configuredTarget(
  { connections }: Pick<Configuration, 'connections'>,
  id: string,
  drivers: DriverLoaders,
): Promise<DirectTarget> {
  const connection = connections.find((each) => each.id === id);
  const known = connections.map((each) => each.id);
  if (connection === undefined) throw new GatewayError('usage', `there is no connection ${id}; ${suggest(id, known)}`);
  return { id, driver: await driverNamed(connection.driver, drivers), settings: connection.settings };
}

/** A connection that need not be configured, by its driver and the keys of it. Rejects with `usage` for what is wrong. */
export async function givenTarget(driver: string, keys: Keys, drivers: DriverLoaders): Promise<DirectTarget> {
  const loaded = await driverNamed(driver, drivers);
  return { id: driver, driver: loaded, settings: parseKeys(configurable(loaded).connection, keys) };
}

async function driverNamed(name: string, drivers: DriverLoaders): Promise<Driver> {
  const load = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (load !== undefined) return load();
  throw new GatewayError('usage', `there is no driver ${name}; ${suggest(name, Object.keys(drivers))}`);
}

/** `devices`: the configured ones of the connection that will be asked, if any. */
export function openDirectly(
  target: DirectTarget,
  context: DirectContext,
  devices: readonly DeviceSettings[] = [],
): DirectConnection {
  return new OpenedDirectly(target, context, devices);
}

class OpenedDirectly implements DirectConnection {
  readonly commissioning: Commissioning;
  readonly #bus: DirectBus;
  readonly #context: DirectContext;
  readonly #devices: ReadonlyMap<string, CollectedDevice>;

  constructor(target: DirectTarget, context: DirectContext, devices: readonly DeviceSettings[]) {
    this.#context = context;
    let number = 0;
    const collected = devices.map(
      (device) =>
        new CollectedDevice(
          { ...device, points: device.points.map((point) => collectedPoint(point, (number += 1))) },
          context.clock,
          () => undefined,
        ),
    );
    this.#devices = new Map(collected.map((device) => [device.id, device]));
    this.#bus = new DirectBus(target, context, { devices: collected.map(({ driver }) => driver) });
    this.commissioning = new BusCommissioning(this.#bus, scanAllSettings(this.#bus, target, context));
  }

  async readDevice(
    { id }: DeviceSettings,
    wanted: readonly PointId[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly ShownReading[]> {
    const device = this.#known(id);
    if (!device.toDescribe) selected(device, wanted); // what is not there need not be connected for
    const readings = await this.#bus.either(
      async (session, lifetime) => {
        if (device.toDescribe) await this.#describe(session, device, lifetime);
        return session.read(device.driver, selected(device, wanted), lifetime);
      },
      (session, lifetime) => this.#nextWords(session, device, lifetime),
      signal,
    );
    const asked = new Set(selected(device, wanted).map(({ number }) => number));
    return this.#show(device, device.convert(readings.filter(({ point }) => asked.has(point))));
  }

  async *history(
    { id }: DeviceSettings,
    wanted: readonly PointId[] | undefined,
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ShownReading[]> {
    const device = this.#known(id);
    const open = (session: Session | ListeningSession, lifetime: AbortSignal) => {
      const portions = session.history?.(device.driver, selected(device, wanted), span, lifetime);
      if (portions === undefined) throw keepsNothing(this.#bus.driver);
      return Promise.resolve(portions[Symbol.asyncIterator]());
    };
    if (device.toDescribe)
      await this.#bus.use((session, lifetime) => this.#describe(session, device, lifetime), signal);
    const portions = await this.#bus.either(open, open, signal);
    const next = () => portions.next();
    for (;;) {
      const { done, value } = await this.#bus.either(next, next, signal);
      if (done === true) return;
      yield this.#show(device, device.convert(value));
    }
  }

  async write({ id }: DeviceSettings, values: GivenValues, signal: AbortSignal): Promise<readonly ShownReading[]> {
    const device = this.#known(id);
    return this.#show(device, await writePoints(this.#bus, device, values, signal));
  }

  async listen(signal: AbortSignal): Promise<void> {
    const { id } = this.#bus;
    await this.#bus.either(
      () => Promise.reject(new GatewayError('usage', `nobody asks the devices on ${id}, so that they say nothing`)),
      async (session) => {
        for await (const _pushed of session.listen(signal)) if (signal.aborted) return;
      },
      signal,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#bus[Symbol.asyncDispose]();
  }

  async #describe(session: Session, device: CollectedDevice, signal: AbortSignal): Promise<void> {
    adopt(device, (await session.discover?.(device.driver, signal)) ?? [], this.#bus.driver);
  }

  #known(id: string): CollectedDevice {
    const device = this.#devices.get(id);
    if (device === undefined) throw new TypeError(`the connection was opened without the device ${id}`);
    return device;
  }

  #show(device: CollectedDevice, readings: readonly Reading[]): readonly ShownReading[] {
    const { clock } = this.#context;
    const offset = clock.wall() - clock.monotonic();
    const definitions = new Map(device.points.map(({ number, definition }) => [number, definition]));
    return readings.flatMap((reading) => {
      const definition = definitions.get(reading.point);
      return definition === undefined ? [] : showReading(reading, definition, offset);
    });
  }

  /** What a device that speaks by itself says next. */
  async #nextWords(
    session: ListeningSession,
    device: CollectedDevice,
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    const patience = { clock: this.#context.clock, milliseconds: patienceWith(device) };
    try {
      const { discovered = [], readings } = await nextWords(session, device.id, patience, signal);
      return numbered(device, discovered, readings, this.#bus.driver);
    } finally {
      await this.#bus.hangUp(); // a session is listened to once
    }
  }
}

function selected(device: CollectedDevice, wanted: readonly PointId[] | undefined): readonly CollectedPoint[] {
  if (wanted === undefined) return device.points;
  return wanted.map((id) => {
    const point = device.points.find((each) => each.id === id);
    if (point !== undefined) return point;
    const known = device.points.map((each) => each.id);
    throw new GatewayError('usage', `there is no point ${id}; ${choices(id, known, 'weir device list --json')}`);
  });
}

/** Gives a device the points that it describes. */
function adopt(device: CollectedDevice, discovered: readonly DiscoveredPoint[], driver: Driver): void {
  const { described } = device.setup;
  if (described === undefined) return;
  if (discovered.length === 0) {
    throw new GatewayError('device-undescribed', `device ${device.id} describes no points`);
  }
  const points = definePoints({ id: device.id, described }, discovered, driver);
  device.adopt(points.map(({ settings }, index) => collectedPoint(settings, index + 1)));
}

function numbered(
  device: CollectedDevice,
  discovered: readonly DiscoveredPoint[],
  readings: Pushed['readings'],
  driver: Driver,
): readonly Reading[] {
  adopt(device, discovered, driver);
  const numbers = new Map(discovered.map(({ name }, index) => [name, device.points[index]?.number]));
  return readings.flatMap((reading) => {
    const point = typeof reading.point === 'number' ? reading.point : numbers.get(reading.point);
    return point === undefined ? [] : [{ ...reading, point }];
  });
}

/** A scan at all settings of its range, one connection after the other. */
function scanAllSettings(bus: DirectBus, target: DirectTarget, context: DirectContext): Scan {
  return async function* scan(range, signal) {
    const variants = target.driver.scanSettings?.(target.settings, range) ?? [];
    if (variants.every(({ changed }) => Object.keys(changed).length === 0)) {
      yield* scanStepwise(bus, range, signal);
      return;
    }
    await bus.hangUp();
    for (const [index, { name, settings, changed }] of variants.entries()) {
      await using other = new DirectBus({ ...target, settings }, context, { trace: bus.trace });
      for await (const step of scanStepwise(other, range, signal)) {
        const done = index * step.total + step.done;
        yield { ...step, done, total: step.total * variants.length, settings: { name, changed } };
      }
    }
  };
}
