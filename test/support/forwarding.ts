import type { DestinationSettings } from '../../src/config/configuration.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import type { ForwarderContext } from '../../src/forward/forwarder-context.ts';
import { createForwarder, type Forwarder } from '../../src/forward/forwarder.ts';
import { DevicePresence } from '../../src/forward/presence.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { PointDefinition, ReadingClass } from '../../src/model/point.ts';
import type { Health } from '../../src/model/health.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { EventName } from '../../src/ops/events.ts';
import type { LookAtTimeService } from '../../src/ops/time-service.ts';
import type { EventFields } from '../../src/ops/log.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Told = { readonly event: EventName; readonly fields: EventFields };

/** A device with two points of the energy domain and one of water. */
export const definitions: readonly PointDefinition[] = (['power', 'energy', 'volume'] as const).map((name) => ({
  id: `meter/${name}`,
  device: 'meter',
  name,
  type: 'float64',
  kind: 'gauge',
  class: 'normal',
  unit: { power: 'W', energy: 'kW.h', volume: 'm3' }[name],
  domain: name === 'volume' ? 'water' : 'energy',
  labels: { city: 'geneva' },
}));

export function destinationAt(url: string, changes: Partial<DestinationSettings> = {}): DestinationSettings {
  return {
    name: 'centre',
    url,
    failover: [],
    user: undefined,
    tls: undefined,
    format: 'json',
    options: {},
    compress: 'none',
    protocol: undefined,
    select: {},
    commands: undefined,
    health: 60_000,
    keepAlive: 30_000,
    window: 16,
    timeout: 5000,
    reconnect: { spread: 0 },
    backlog: 'oldest-first',
    rate: undefined,
    schedule: undefined,
    budget: undefined,
    ...changes,
  };
}

type CommittedReading = Partial<Omit<Reading, 'point' | 'value'>> & {
  readonly point: number;
  readonly value: Reading['value'];
};

const health: Health = {
  version: '0.0.0',
  uptimeSeconds: 1,
  clock: 'synchronised',
  readingsPerSecond: 0,
  connections: { total: 0, lost: [] },
  devices: { total: 0, lost: [] },
  certificates: [],
  insecure: [],
  last: 0,
  audit: { number: 1, hash: 'ab'.repeat(32), error: null },
};

/** Comes back at once, as tests want it. */
const BACKOFF = { first: 20, longest: 200, jitter: 0.5 };

/** A real journal and the real forwarders to some destinations, in a temporary folder. */
export class Forwarding implements AsyncDisposable {
  readonly journal: Journal;
  readonly told: Told[] = [];
  readonly presence: DevicePresence;
  readonly forwarders: Forwarder[] = [];
  #points: readonly number[];
  readonly #release: AsyncDisposableStack;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #waiting = new Set<() => void>();

  // oxlint-disable-next-line max-params -- only called below
  constructor(journal: Journal, presence: DevicePresence, points: readonly number[], release: AsyncDisposableStack) {
    this.journal = journal;
    this.presence = presence;
    this.#points = points;
    this.#release = release;
  }

  /** Starts delivering to these, and to no others from now on. */
  async deliver(destinations: readonly DestinationSettings[], changes: Partial<ForwarderContext> = {}): Promise<void> {
    const states = await this.journal.destinations(destinations.map(({ name }) => name));
    for (const settings of destinations) {
      const state = states.find(({ name }) => name === settings.name);
      if (state === undefined) throw new Error(`the journal does not know ${settings.name}`);
      const forwarder = createForwarder(settings, {
        journal: this.journal,
        clock: systemClock,
        report: (event, fields) => this.#report({ event, fields }),
        readSecret,
        state,
        points: () => this.#points,
        presence: this.presence,
        command: () => undefined,
        health: () => health,
        backoff: BACKOFF,
        ...changes,
      });
      this.forwarders.push(forwarder);
      this.#running.push(forwarder.run(this.#stop.signal));
    }
  }

  /** Interns one point more, as a device does that describes itself. */
  async add(point: PointDefinition): Promise<void> {
    this.#points = [...this.#points, ...(await this.journal.intern([point]))];
  }

  /** Commits `count` readings in batches of at most `size`; each has its own sequence as value. */
  async record(count: number, size = 1000): Promise<void> {
    const appended: Promise<unknown>[] = [];
    for (let done = 0, next = this.journal.last + 1; done < count; done += size) {
      const length = Math.min(size, count - done);
      const values = Array.from({ length }, (_, index) => next + done + index);
      appended.push(this.commit(values.map((value, index) => ({ point: index % 2, value }))));
    }
    await Promise.all(appended);
  }

  /** Commits one batch; points by their index in the definitions. */
  async commit(readings: readonly CommittedReading[], kind: ReadingClass = 'normal'): Promise<void> {
    const encoder = createEncoder();
    const receivedTime = systemClock.monotonic();
    for (const { point, ...rest } of readings) {
      const number = this.#points[point] ?? 0;
      encoder.add({ quality: 'good', sourceTime: null, receivedTime, ...rest, point: number } as Reading);
    }
    const [anchor] = [...this.journal.anchors.keys()].slice(-1);
    const now = systemClock.wall();
    const body = encoder.seal();
    await this.journal.append({
      class: kind,
      count: readings.length,
      anchor: anchor ?? 0,
      from: now,
      to: now,
      body,
    });
  }

  status(name = 'centre') {
    const forwarder = this.forwarders.find((each) => each.name === name);
    if (forwarder === undefined) throw new Error(`nothing is delivered to ${name}`);
    return forwarder.status();
  }

  /** Resolves once `event` has been reported `times` times. */
  async reported(event: EventName, times = 1): Promise<EventFields> {
    for (;;) {
      const found = this.told.filter((told) => told.event === event)[times - 1];
      if (found !== undefined) return found.fields;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Ends the forwarders in good order. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#release.disposeAsync();
  }

  #report(told: Told): void {
    this.told.push(told);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export type ForwardingOptions = {
  readonly keep?: { readonly size: number; readonly age: number };
  /** Where the journal is; a folder of its own if not given. */
  readonly path?: string;
  /** Whether the time is known; else it is estimated. */
  readonly knowsTime?: boolean;
  /** Instead of `definitions`; all of bus `bus`. */
  readonly points?: readonly PointDefinition[];
};

const lookAtTimeService: LookAtTimeService = () => Promise.resolve('waiting');

/** Opens a journal that nothing is delivered from yet. */
export async function openForwarding({
  keep = { size: 2 ** 30, age: 1e12 },
  path,
  points = definitions,
  knowsTime = true,
}: ForwardingOptions = {}): Promise<Forwarding> {
  await using release = new AsyncDisposableStack();
  const folder = path ?? release.use(await temporaryFolder()).path;
  const options = { path: folder, gateway: 'harbour-07', keep, trusted: knowsTime, clock: systemClock };
  const journal = release.use(await openJournal({ ...options, lookAtTimeService, report: () => undefined }));
  const devices = new Set(points.map(({ device }) => device));
  const presence = new DevicePresence(new Map([...devices].map((device) => [device, 'bus'])));
  return new Forwarding(journal, presence, await journal.intern(points), release.move());
}
