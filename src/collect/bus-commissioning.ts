import { GatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import { jsonValue } from '../model/show-reading.ts';
import { adHocDevice, alternativesOf, bareDevice, cannot, writtenDevice } from './ad-hoc.ts';
import { cannotWrite, type Bus, type Overhearing } from './bus.ts';
import type { AdHocDevice, AdHocReading, Commissioning, Keys, ScanProgress, ShownFrame } from './commissioning.ts';
import type { BrowsedNode, DriverDevice, Identity, Pushed, ScanRange, ScanStep, Session } from './driver.ts';
import { isSame, plainValueOf, type GivenValue } from './raw-value.ts';

/** Scans as a bus allows: at its own settings, or at others as well. */
export type Scan = (range: ScanRange, signal: AbortSignal) => AsyncIterable<ScanProgress>;

/** What a technician does to a connection, over any bus. */
export class BusCommissioning implements Commissioning {
  readonly scan: Scan;
  readonly #bus: Bus;

  constructor(bus: Bus, scan: Scan) {
    this.#bus = bus;
    this.scan = scan;
  }

  async readAdHoc(asked: AdHocDevice, signal: AbortSignal): Promise<readonly AdHocReading[]> {
    return this.#read(adHocDevice(this.#bus, asked), signal);
  }

  async readAlternatives(asked: AdHocDevice, signal: AbortSignal): Promise<readonly AdHocReading[]> {
    return this.#read(alternativesOf(this.#bus, asked), signal);
  }

  async writeAdHoc(asked: AdHocDevice, given: GivenValue, signal: AbortSignal): Promise<AdHocReading> {
    const { driver } = this.#bus;
    const device = writtenDevice(this.#bus, asked);
    const [point, ...others] = device.points;
    if (point === undefined || others.length > 0) throw new GatewayError('usage', 'name one point to write');
    const { type, writable } = driver.describe(point.address);
    if (!writable) throw new GatewayError('usage', `${point.id} can only be read`);
    const value = plainValueOf(point.id, given, type);
    const [reading] = await this.#bus.use(async (session, lifetime) => {
      if (session.write === undefined) throw cannotWrite(driver);
      return session.write(device, [{ point, value }], lifetime);
    }, signal);
    if (reading === undefined) throw new GatewayError('driver-failed', `${driver.name} did not read ${point.id} back`);
    if (reading.quality !== 'bad' && !isSame(value, reading.value)) {
      const held = jsonValue(reading.value);
      throw new GatewayError('write-differs', `${point.id}: wrote ${jsonValue(value)}, the device holds ${held}`);
    }
    return shown(device, reading);
  }

  async identify(keys: Keys, signal: AbortSignal): Promise<Identity> {
    const { driver } = this.#bus;
    const device = bareDevice(this.#bus, keys);
    const overhear = await this.#bus.listening?.(signal);
    if (overhear !== undefined) return identityIn(await overhear(device, signal));
    return this.#bus.use(async (session, lifetime) => {
      if (session.identify === undefined) throw cannot(driver, 'does not let devices say what they are');
      return session.identify(device, lifetime);
    }, signal);
  }

  async browse(place: string | undefined, signal: AbortSignal): Promise<readonly BrowsedNode[]> {
    const { driver } = this.#bus;
    return this.#bus.use(async (session, lifetime) => {
      if (session.browse === undefined) throw cannot(driver, 'has no tree to look through');
      return session.browse(place, lifetime);
    }, signal);
  }

  trace(signal: AbortSignal): AsyncIterable<readonly ShownFrame[]> {
    return this.#bus.trace.watch(signal);
  }

  async #read(device: DriverDevice<unknown, unknown>, signal: AbortSignal): Promise<readonly AdHocReading[]> {
    const readings = await this.#bus.use((session, lifetime) => session.read(device, device.points, lifetime), signal);
    const byNumber = new Map(readings.map((reading) => [reading.point, reading]));
    return device.points.flatMap(({ number }) => {
      const reading = byNumber.get(number);
      return reading === undefined ? [] : [shown(device, reading)];
    });
  }
}

function shown(device: DriverDevice<unknown, unknown>, { point, value, quality, reason }: Reading): AdHocReading {
  return {
    point: device.points.find(({ number }) => number === point)?.id ?? '',
    value: jsonValue(value),
    quality,
    ...(reason !== undefined && { reason }),
  };
}

/** What a device that speaks by itself says of itself, among the rest. */
function identityIn({ discovered = [], readings }: Pushed): Identity {
  const names = new Set(discovered.map(({ name }) => name));
  const facts = readings.flatMap(({ point, value }) =>
    typeof point === 'string' && names.has(point) && typeof value === 'string' ? [{ name: point, value }] : [],
  );
  return { facts, describes: `it sends ${names.size} values by itself` };
}

/**
 * Scans over `bus` at its own settings, a step at a time: between two of them others have the bus. Where devices speak by
 * themselves, a scan is to listen who does.
 */
export async function* scanStepwise(bus: Bus, range: ScanRange, signal: AbortSignal): AsyncGenerator<ScanStep> {
  const overhear = await bus.listening?.(signal);
  if (overhear === undefined) yield* askStepwise(bus, range, signal);
  else yield* listenForOne(bus, overhear, signal);
}

async function* listenForOne(bus: Bus, overhear: Overhearing, signal: AbortSignal): AsyncGenerator<ScanStep> {
  const step = { address: 'listening', total: 1 };
  const began = bus.clock.monotonic();
  yield { ...step, done: 0 };
  try {
    const { facts, describes } = identityIn(await overhear(bareDevice(bus, {}), signal));
    const answer = [describes, ...facts.map(({ name, value }) => `${name} ${value}`)].join(', ');
    yield { ...step, done: 1, found: { device: {}, answer, milliseconds: bus.clock.monotonic() - began } };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'no-answer') throw error;
    yield { ...step, done: 1 };
  }
}

async function* askStepwise(bus: Bus, range: ScanRange, signal: AbortSignal): AsyncGenerator<ScanStep> {
  let scanned: { readonly session: Session; readonly steps: AsyncIterator<ScanStep> } | undefined;
  const next = async (session: Session, lifetime: AbortSignal): Promise<IteratorResult<ScanStep>> => {
    if (session.scan === undefined) throw cannot(bus.driver, 'has nothing to look for');
    scanned ??= { session, steps: session.scan(range, lifetime)[Symbol.asyncIterator]() };
    if (scanned.session === session) return scanned.steps.next();
    throw new GatewayError('connection-lost', `connection ${bus.id} was lost and made anew during the scan`);
  };
  try {
    for (;;) {
      const step = await bus.use(next, signal);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // A step that is under way goes on to its end unheard.
    scanned?.steps.return?.().then(undefined, () => undefined);
  }
}

const MOST_NAMED = 3;

/** Refuses what only a connection of one's own can do: scanning at other settings than those its devices are read at. */
export function scanBesidePolls(bus: Bus): Scan {
  return async function* scan(range, signal) {
    const others = (bus.driver.scanSettings?.(bus.settings, range) ?? []).filter(
      ({ changed }) => Object.keys(changed).length > 0,
    );
    if (others.length > 0) {
      const rest = others.length > MOST_NAMED ? ` and ${others.length - MOST_NAMED} more` : '';
      const names = `${others
        .slice(0, MOST_NAMED)
        .map(({ name }) => name)
        .join(', ')}${rest}`;
      throw new GatewayError(
        'usage',
        `connection ${bus.id} is in use: scanning it at ${names} would cut off its devices; stop the daemon first, then scan again`,
      );
    }
    yield* scanStepwise(bus, range, signal);
  };
}
