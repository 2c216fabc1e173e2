import { Collector } from '../../src/collect/collector.ts';
import type { Driver } from '../../src/collect/driver.ts';
import type { CollectedPoint, DeviceSetup } from '../../src/collect/setup.ts';
import type { PointDefaults, Processing } from '../../src/config/configuration.ts';
import type { PointDefinition, WriteRule } from '../../src/model/point.ts';
import type { PointNumber, Reading } from '../../src/model/reading.ts';
import type { StateStore } from '../../src/model/state-store.ts';
import type { EventName } from '../../src/ops/events.ts';
import type { EventFields } from '../../src/ops/log.ts';
import { FakeClock } from './fake-clock.ts';
import { memoryState } from './memory-state.ts';

export type PointOptions = Partial<Processing> & {
  readonly name?: string;
  readonly every?: number;
  readonly address?: unknown;
  readonly write?: WriteRule;
  readonly definition?: Partial<PointDefinition>;
};

const untouched: Processing = {
  scale: 1,
  offset: 0,
  invalid: [],
  min: undefined,
  max: undefined,
  deadband: undefined,
  decimals: undefined,
};

let numbered = 0;

/** A point of `device`, under a number of its own. */
export function collectedPoint(device: string, options: PointOptions = {}): CollectedPoint {
  const { name = 'value', every = 1_000, address = {}, write, definition, ...processing } = options;
  numbered += 1;
  const id = `${device}/${name}`;
  return {
    number: numbered,
    id,
    address,
    every,
    processing: { ...untouched, ...processing },
    definition: {
      id,
      device,
      name,
      type: 'float64',
      kind: 'gauge',
      class: 'normal',
      labels: {},
      ...(write !== undefined && { write }),
      ...definition,
    },
  };
}

/** A device with one point for each of `points`; with a single one that is read every second if none is given. */
export function deviceSetup(id: string, ...points: readonly PointOptions[]): DeviceSetup {
  const given = points.length === 0 ? [{}] : points;
  return {
    id,
    profile: undefined,
    settings: {},
    points: given.map((point) => collectedPoint(id, point)),
    described: undefined,
  };
}

/** A device that is to say by itself what it holds. */
export function describingDevice(id: string, defaults: Partial<PointDefaults> = {}): DeviceSetup {
  const described: PointDefaults = { every: 1_000, class: 'normal', labels: {}, ...defaults };
  return { id, profile: undefined, settings: {}, points: [], described };
}

export type Told = { readonly event: EventName; readonly fields: EventFields };

/** A collector on a clock that stands still, and everything that comes out of it. */
export class Collecting implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly collector: Collector;
  readonly recorded: Reading[] = [];
  readonly told: Told[] = [];
  readonly interned: PointDefinition[] = [];
  readonly state: StateStore;
  /** What the journal knows from before the start. */
  readonly newest = new Map<PointNumber, number>();
  readonly #numbers = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(
    devices: readonly DeviceSetup[],
    driver: Driver,
    clock = new FakeClock(),
    remembered: Readonly<Record<string, string>> = {},
  ) {
    this.clock = clock;
    this.state = memoryState(remembered);
    this.collector = new Collector({ id: 'bus', settings: { baud: 9_600 }, devices }, driver, {
      clock,
      report: (event, fields) => this.told.push({ event, fields }),
      shown: () => undefined,
      state: this.state,
      newest: async () => this.newest,
      intern: async (definitions) => definitions.map((definition) => this.#intern(definition)),
      recorder: {
        record: (readings) => {
          this.recorded.push(...readings);
          return undefined;
        },
        flush: async () => undefined,
      },
    });
    this.#ended = this.collector.run(this.#stop.signal);
    this.#ended.catch(() => undefined);
  }

  get events(): readonly EventName[] {
    return this.told.map(({ event }) => event);
  }

  /** The collector's device of that id. */
  device(id: string) {
    const device = this.collector.devices.find((each) => each.id === id);
    if (device === undefined) throw new Error(`no device ${id}`);
    return device;
  }

  statusOf(id: string) {
    return this.collector.status().devices.find((device) => device.id === id);
  }

  /** Stops it, and resolves or rejects as its run does. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  // Numbers from 1 001, the same for the same definition.
  #intern(definition: PointDefinition): number {
    const text = JSON.stringify(definition);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = 1_000 + this.interned.push(definition);
    this.#numbers.set(text, number);
    return number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended.catch(() => undefined);
  }
}
