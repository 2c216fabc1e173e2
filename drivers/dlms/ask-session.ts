import type {
  DiscoveredPoint,
  DriverContext,
  DriverDevice,
  Identity,
  PointWrite,
  ScanRange,
  ScanStep,
  Session,
  TimeSpan,
} from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading, type Reading, type Reason } from '../../src/model/reading.ts';
import { pastReading } from '../meter/profile-status.ts';
import { readingsOf } from '../meter/meter-points.ts';
import { registerOf } from '../meter/point-schema.ts';
import type { MeterContent } from '../meter/value.ts';
import { AskedMeter, blankMemory, type Memory, type Point } from './asked-meter.ts';
import { BlockLink } from './block-link.ts';
import type { ClientSettings } from './client.ts';
import { CosemClient } from './client.ts';
import { LoadProfile } from './load-profile.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { discover, identify } from './survey.ts';
import { meet, placesOf, search } from './scan.ts';
import type { Party, Way } from './way.ts';

export type Device = DriverDevice<DeviceSettings, PointAddress>;

/** How the session gets at what it asks. */
export type Means = {
  /** Opens the wire anew. */
  readonly reopen: (signal: AbortSignal) => Promise<Way>;
  /** How we prove to a device who we are. Rejects with `access-refused` where its secret is not to be had. */
  readonly clientOf: (device: Device) => Promise<ClientSettings>;
};

/** A meter with the settings by which it is reached. */
type Reached = { readonly settings: DeviceSettings; readonly meter: AskedMeter };

// Milliseconds: disposing must not take longer than two seconds.
const LONGEST_FAREWELL = 1_000;

/** Meters that are asked for their values, over one wire. */
export class AskSession implements Session {
  readonly #memories = new WeakMap<DeviceSettings, Memory>();
  readonly #means: Means;
  readonly #context: DriverContext;
  readonly #closing = new AbortController();
  #way: Way;
  #reached = new Map<string, Reached>();

  constructor(way: Way, means: Means, context: DriverContext) {
    this.#way = way;
    this.#means = means;
    this.#context = context;
  }

  async read(device: Device, points: readonly Point[], signal: AbortSignal): Promise<readonly Reading[]> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    const { clock } = this.#context;
    const readings = new Map<number, Reading>();
    const take = (point: Point, content: MeterContent): void => {
      readings.set(point.number, readingOf(point, content, clock.monotonic()));
    };
    let missing: Reason = 'no-answer';
    try {
      if (points.length > 0) await (await this.#meter(device, lifetime)).read(points, take, lifetime);
    } catch (error) {
      missing = await this.#missed(device, error, lifetime);
    }
    return points.map((point) => readings.get(point.number) ?? badReading(point.number, missing, clock.monotonic()));
  }

  async write(device: Device, writes: readonly PointWrite[], signal: AbortSignal): Promise<readonly Reading[]> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    const meter = await this.#meter(device, lifetime);
    const points: Point[] = [];
    for (const { point, value } of writes) {
      const known = device.points.find(({ number }) => number === point.number);
      if (known === undefined) throw new TypeError(`${point.id} is no point of ${device.id}`);
      await meter.write(known, value, lifetime);
      points.push(known);
    }
    return this.read(device, points, signal);
  }

  async identify(device: Device, signal: AbortSignal): Promise<Identity> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    const identity = await identify(await this.#meter(device, lifetime), lifetime);
    const identification = this.#way.identification?.();
    if (identification === undefined) return identity;
    return { ...identity, facts: [{ name: 'identification', value: identification }, ...identity.facts] };
  }

  async discover(device: Device, signal: AbortSignal): Promise<readonly DiscoveredPoint[]> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    return discover(device.id, await this.#meter(device, lifetime), lifetime);
  }

  async *scan(range: ScanRange, signal: AbortSignal): AsyncGenerator<ScanStep> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    const { clock } = this.#context;
    const hasOne = this.#way.signOn !== undefined;
    if (hasOne) await this.#way.signOn?.('the meter', lifetime);
    const ask = async (party: Party): Promise<string | undefined> => {
      await this.#openAgain(lifetime);
      // Whoever is met hears a new beginning: what was agreed before is forgotten then.
      for (const { meter } of this.#reached.values()) await meter.release(lifetime);
      return meet(this.#way, party, lifetime);
    };
    yield* search(placesOf(this.#way.framing, range), { clock, ask, hasOne });
  }

  async *history(
    device: Device,
    points: readonly Point[],
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Reading[]> {
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    const profile = new LoadProfile(device.id, device.settings, await this.#meter(device, lifetime));
    for await (const captured of profile.read(points, span, lifetime)) {
      const now = this.#context.clock.monotonic();
      yield captured.map(({ point, content, time, doubt }) => ({
        ...pastReading(readingOf(point, content, now), doubt),
        sourceTime: time,
      }));
    }
  }

  /** Why what was not read is bad. Throws what is not the device's fault. */
  async #missed(device: Device, error: unknown, signal: AbortSignal): Promise<Reason> {
    signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === 'access-refused') {
      this.#context.observe('exception', device.id, error.message);
      throw error;
    }
    if (error.code === 'device-refused') return 'refused';
    if (error.code === 'answer-malformed') {
      this.#context.observe('malformed-frame', device.id, error.message);
      return 'malformed-answer';
    }
    if (error.code !== 'no-answer' && error.code !== 'connection-lost') throw error;
    if (error.code === 'no-answer') this.#context.observe('timeout', device.id, error.message);
    await this.#openAgain(signal);
    return 'no-answer';
  }

  async #meter(device: Device, signal: AbortSignal): Promise<AskedMeter> {
    signal.throwIfAborted();
    await this.#openAgain(signal);
    const known = this.#reached.get(device.id);
    // A technician may try one meter after the other under the same name.
    if (known?.settings === device.settings) return known.meter;
    const settings = await this.#means.clientOf(device);
    const memory = this.#memoryOf(device);
    const bare = this.#way.linkTo({ ...device.settings, name: device.id });
    const link = settings.generalBlocks === true ? new BlockLink(bare, () => client.maxPdu) : bare;
    const client: CosemClient = new CosemClient(link, settings);
    const meter = new AskedMeter(device.id, { link, client, memory }, this.#context);
    await known?.meter.release(signal);
    this.#reached.set(device.id, { settings: device.settings, meter });
    return meter;
  }

  #memoryOf({ settings }: Device): Memory {
    const memory = this.#memories.get(settings) ?? blankMemory();
    this.#memories.set(settings, memory);
    return memory;
  }

  /** A wire that was lost, or given up after a silence, is opened anew at once. */
  async #openAgain(signal: AbortSignal): Promise<void> {
    if (this.#way.open) return;
    this.#reached = new Map();
    // A port must be free before it can be opened again.
    await this.#way[Symbol.asyncDispose]();
    this.#way = await this.#means.reopen(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(new GatewayError('connection-lost', 'the session was closed'));
      await this.#farewell();
    }
    await this.#way[Symbol.asyncDispose]();
  }

  /** A meter that is not told goes on waiting for us, and takes nobody else. */
  async #farewell(): Promise<void> {
    const enough = new AbortController();
    const cancel = this.#context.clock.after(LONGEST_FAREWELL, () => enough.abort());
    try {
      for (const { meter } of this.#reached.values()) await meter.release(enough.signal);
    } catch {
      // It will notice by itself.
    } finally {
      cancel();
    }
  }
}

function readingOf(point: Point, content: MeterContent, receivedTime: number): Reading {
  const { address, number } = point;
  const value = { register: registerOf(address), obis: undefined, index: address.value ?? 0, content, time: null };
  return readingsOf([point], [value], receivedTime)[0] ?? badReading(number, 'refused', receivedTime);
}
