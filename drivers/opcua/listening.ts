import type { DriverContext, Pushed } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Reading } from '../../src/model/reading.ts';
import { arrivalAt, askItems } from './ask-items.ts';
import type { Changes } from './changes.ts';
import { Feed } from './feed.ts';
import type { Item } from './item.ts';
import { pollGroup, pollGroups, type PollEvents } from './poller.ts';
import { Publisher } from './publisher.ts';
import { queueRanOver } from './quality.ts';
import { readingOf } from './reading.ts';
import type { ConnectionSettings } from './schema.ts';
import type { Services } from './services.ts';
import { clockInterval, isServerClock, SERVER_CLOCK } from './server-clock.ts';
import { subscribe, type RefusedItem, type Subscription } from './subscribe.ts';
import { planSubscriptions } from './subscription-plan.ts';
import { Watchdog } from './watchdog.ts';

// Milliseconds between two looks at what the server does not tell of: it may have no such node until its next program.
const RETRY = 10_000;

// Messages that may wait for the collector before the server has to keep its own.
const MOST_WAITING = 64;

/** Numbers of messages, from the first up to, without, the second. */
type Missed = { readonly span: readonly [from: number, to: number]; readonly why: string };

export type ListeningContext = {
  readonly services: Services;
  readonly settings: ConnectionSettings;
  readonly context: DriverContext;
  /** Resolves, never rejects, when the connection is gone. */
  readonly lost: Promise<GatewayError>;
};

/** What a session hears: subscriptions, what has to be asked for, and whether the server still lives. */
export class Listening {
  readonly #services: Services;
  readonly #settings: ConnectionSettings;
  readonly #context: DriverContext;
  readonly #lost: Promise<GatewayError>;
  readonly #feed = new Feed<Pushed>(MOST_WAITING);
  readonly #watchdog: Watchdog;
  readonly #overrun = new Set<Item>();
  #subscriptions: readonly Subscription[] = [];

  constructor({ services, settings, context, lost }: ListeningContext) {
    this.#services = services;
    this.#settings = settings;
    this.#context = context;
    this.#lost = lost;
    this.#watchdog = new Watchdog(services.clock);
  }

  /** What the server has granted. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /**
   * Subscribes to the items, reads all of them once, and then tells what the server tells, until `signal` aborts.
   * Rejects with `connection-lost`.
   */
  async *listen(items: readonly Item[], signal: AbortSignal): AsyncGenerator<Pushed> {
    const ended = new AbortController();
    const work = this.#run(items, AbortSignal.any([signal, ended.signal]));
    work.catch((error: unknown) => this.#feed.fail(error));
    try {
      yield* this.#feed.take(signal);
    } finally {
      ended.abort();
    }
  }

  async #run(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#services;
    const { publishing } = this.#settings;
    const refused = await this.#subscribe(items, signal);
    const asked = items.filter(({ point }) => point.address.mode === 'poll');
    const polled = [...pollGroups(asked, publishing), ...pollGroups(refused, publishing, RETRY)];
    await this.#readAll(items, signal);
    const events: PollEvents = {
      ask: (group) => askItems(this.#services, group, this.#context, signal),
      read: (group, readings) => this.#push(group, readings),
      room: () => this.#room(),
    };
    await Promise.race([
      this.#lost.then((error) => Promise.reject(error)),
      this.#watchdog.run(signal),
      this.#subscriptions.length > 0 ? this.#publish(signal) : this.#feelPulse(signal),
      ...polled.map((group) => pollGroup(group, events, clock, signal)),
    ]);
  }

  /** Subscribes to what is to be told; answers with what the server refuses to tell of. */
  async #subscribe(items: readonly Item[], signal: AbortSignal): Promise<readonly Item[]> {
    const told = items.filter(({ point, nodeId }) => point.address.mode === 'subscribe' && nodeId !== undefined);
    const subscriptions: Subscription[] = [];
    const refused: Item[] = [];
    for (const plan of planSubscriptions(told, this.#settings)) {
      try {
        const granted = await subscribe(this.#services, plan, signal);
        subscriptions.push(granted.subscription);
        refused.push(...granted.refused.map(({ item }) => item));
        this.#tellRefused(granted.refused);
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'device-refused') throw error;
        // A server without subscriptions, or without one to spare: what was to be told is asked for.
        this.#context.observe('exception', undefined, error.message);
        refused.push(...plan.items.map(({ item }) => item));
      }
    }
    this.#subscriptions = subscriptions;
    for (const subscription of subscriptions) this.#watch(subscription);
    return refused.filter((item) => !isServerClock(item));
  }

  #watch(subscription: Subscription): void {
    const { id, keepAlive, items } = subscription;
    this.#watchdog.watch(id, `subscription ${id}`, keepAlive);
    const clock = [...items.values()].find(({ item }) => isServerClock(item));
    if (clock === undefined) return;
    this.#watchdog.watch(clockOf(subscription), 'the clock of the server', clockInterval(subscription, clock));
  }

  /** One line for each way in which points of a device were refused. */
  #tellRefused(refused: readonly RefusedItem[]): void {
    const groups = Map.groupBy(refused, ({ item, status }) => `${item.device} ${status}`);
    for (const group of groups.values()) {
      const [{ item, status } = { item: undefined, status: '' }] = group;
      if (item === undefined || isServerClock(item)) continue;
      const names = group.slice(0, 3).map((each) => each.item.point.id);
      const more = group.length > names.length ? ` and ${group.length - names.length} more` : '';
      this.#context.observe(
        'exception',
        item.device,
        `${names.join(', ')}${more}: the server tells nothing of it (${status})`,
      );
    }
  }

  async #readAll(items: readonly Item[], signal: AbortSignal): Promise<void> {
    for (const [, group] of Map.groupBy(items, ({ device }) => device)) {
      const readings = await askItems(this.#services, group, this.#context, signal);
      const byPoint = new Map(readings.map((reading) => [reading.point, reading]));
      for (const item of group) item.first = byPoint.get(item.point.number);
      this.#push(group, readings);
    }
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const publisher = new Publisher(this.#services, this.#subscriptions, {
      heard: ({ id }) => this.#watchdog.heard(id),
      changed: (subscription, changes) => this.#changed(subscription, changes),
      missed: (subscription, span, why) => this.#missed(subscription, { span, why }, signal),
      room: () => this.#room(),
    });
    await publisher.run(signal);
  }

  /** Nothing is subscribed to: whether the server lives shows when it is asked what time it is. */
  async #feelPulse(signal: AbortSignal): Promise<void> {
    const { clock } = this.#services;
    const { keepAlive } = this.#settings;
    this.#watchdog.watch('pulse', 'the server', keepAlive);
    while (!signal.aborted) {
      await clock.sleep(keepAlive, signal).catch(() => undefined);
      if ((await this.#services.value(SERVER_CLOCK, signal).catch(unlessLost)) !== undefined) {
        this.#watchdog.heard('pulse');
      }
    }
  }

  #changed(subscription: Subscription, changes: Changes): void {
    const arrival = arrivalAt(this.#services);
    const pushed: { readonly device: string; readonly readings: Reading[] }[] = [];
    changes((handle, data) => {
      const item = subscription.items.get(handle)?.item;
      if (item === undefined) return;
      if (isServerClock(item)) {
        this.#ticked(subscription);
        return;
      }
      const reading = readingOf(item.point, data, arrival, item.names);
      if (queueRanOver(data.status)) this.#ranOver(item);
      if (isKnown(item, reading)) return;
      const last = pushed.at(-1);
      if (last?.device === item.device) last.readings.push(reading);
      else pushed.push({ device: item.device, readings: [reading] });
    });
    for (const each of pushed) this.#feed.offer(each);
  }

  /** The clock of the server, which each subscription tells: what belongs to it is there. */
  #ticked(subscription: Subscription): void {
    for (const device of this.#devicesOf(subscription)) this.#feed.offer({ device, readings: [] });
    this.#watchdog.heard(clockOf(subscription));
  }

  #devicesOf({ items }: Subscription): ReadonlySet<string> {
    const own = [...items.values()].filter(({ item }) => !isServerClock(item));
    return new Set(own.map(({ item }) => item.device));
  }

  #ranOver(item: Item): void {
    if (this.#overrun.has(item)) return;
    this.#overrun.add(item);
    const message = `${item.point.id}: values were lost in the queue of the server; a longer \`queue\` keeps them`;
    this.#context.observe('exception', item.device, message);
  }

  /** What is true now is better than nothing. */
  #missed({ id, items }: Subscription, { span: [from, to], why }: Missed, signal: AbortSignal): void {
    this.#context.observe('exception', undefined, `messages ${from} to ${to - 1} of subscription ${id}: ${why}`);
    const all = [...items.values()].map(({ item }) => item).filter((item) => !isServerClock(item));
    this.#readAll(all, signal).catch((error: unknown) => this.#feed.fail(error));
  }

  #push(items: readonly Item[], readings: readonly Reading[]): void {
    const devices = new Map(items.map(({ device, point }) => [point.number, device]));
    for (const [device, group] of Map.groupBy(readings, ({ point }) => devices.get(point))) {
      if (device !== undefined) this.#feed.offer({ device, readings: group });
    }
  }

  /** Waits until the collector has taken what there is; the server keeps what arises meanwhile, as long as its queues. */
  async #room(): Promise<void> {
    if (!this.#feed.isFull) return;
    await this.#feed.room();
    this.#watchdog.excuse();
  }
}

/** The server tells of each item when it begins to; that was read already, be it behind what its queue has held until then. */
function isKnown(item: Item, { value, quality, sourceTime }: Reading): boolean {
  const { first } = item;
  if (first === undefined || isBefore(sourceTime, first.sourceTime)) return false;
  item.first = undefined;
  return first.value === value && first.quality === quality && first.sourceTime === sourceTime;
}

function isBefore(time: number | null, other: number | null): boolean {
  return time !== null && other !== null && time < other;
}

/** What the watchdog calls the clock that a subscription carries. */
function clockOf({ id }: Subscription): string {
  return `clock ${id}`;
}

function unlessLost(error: unknown): undefined {
  if (!(error instanceof GatewayError) || error.code === 'connection-lost') throw error;
}
