import type {
  BrowsedNode,
  DriverContext,
  Identity,
  ListeningSession,
  PointWrite,
  Pushed,
  Session,
  TimeSpan,
} from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { openAccess, type Access } from './access.ts';
import { askItems } from './ask-items.ts';
import { browse } from './browse.ts';
import { historyOf } from './history.ts';
import { identify } from './identify.ts';
import type { Device, Item } from './item.ts';
import { Items } from './items.ts';
import { Listening } from './listening.ts';
import type { Point } from './reading.ts';
import type { ConnectionSettings } from './schema.ts';
import { Services } from './services.ts';
import { writeItems } from './write.ts';

/** A session with one server: it tells of changes, and can be asked in between. */
export class OpcuaSession implements Session, ListeningSession {
  readonly watchesSilence = true;
  readonly #access: Access;
  readonly #services: Services;
  readonly #items: Items;
  readonly #devices: readonly Device[];
  readonly #context: DriverContext;
  readonly #listening: Listening;

  private constructor(
    access: Access,
    services: Services,
    items: Items,
    more: {
      readonly settings: ConnectionSettings;
      readonly devices: readonly Device[];
      readonly context: DriverContext;
    },
  ) {
    const { settings, devices, context } = more;
    this.#access = access;
    this.#services = services;
    this.#items = items;
    this.#devices = devices;
    this.#context = context;
    this.#listening = new Listening({ services, settings, context, lost: access.lost });
  }

  /** Connects, and learns what the server calls its namespaces and how much it can take at once. */
  static async open(
    settings: ConnectionSettings,
    devices: readonly Device[],
    context: DriverContext,
    signal: AbortSignal,
  ): Promise<OpcuaSession> {
    await using opened = new AsyncDisposableStack();
    const access = opened.use(await openAccess(settings, context, signal));
    const { connection, clock } = context;
    const services = new Services(access, { connection, clock, timeout: settings.timeout });
    await services.learnLimits(signal);
    const items = await Items.of(services, signal);
    opened.move();
    return new OpcuaSession(access, services, items, { settings, devices, context });
  }

  async *listen(signal: AbortSignal): AsyncGenerator<Pushed> {
    const items: Item[] = [];
    for (const device of this.#devices) items.push(...(await this.#items.ready(device, device.points, signal)));
    yield* this.#listening.listen(items, signal);
  }

  async read(device: Device, points: readonly Point[], signal: AbortSignal): Promise<readonly Reading[]> {
    const items = await this.#items.ready(device, points, signal);
    return askItems(this.#services, items, this.#context, signal);
  }

  async write(device: Device, writes: readonly PointWrite[], signal: AbortSignal): Promise<readonly Reading[]> {
    const points = writes.flatMap(({ point }) => device.points.find(({ number }) => number === point.number) ?? []);
    const items = await this.#items.ready(device, points, signal);
    await writeItems(this.#services, items, writes, signal);
    return askItems(this.#services, items, this.#context, signal);
  }

  browse(place: string | undefined, signal: AbortSignal): Promise<readonly BrowsedNode[]> {
    return browse(this.#services, this.#items.namespaces, place, signal);
  }

  async *history(
    device: Device,
    points: readonly Point[],
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Reading[]> {
    const items = await this.#items.ready(device, points, signal);
    yield* historyOf(this.#services, items, span, signal);
  }

  identify(_device: Device, signal: AbortSignal): Promise<Identity> {
    return identify(this.#services, this.#access, this.#listening.subscriptions, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access[Symbol.asyncDispose]();
  }
}
