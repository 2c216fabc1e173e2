import type { Deadband } from './deadband.ts';
import type { Item } from './item.ts';
import { serverClock } from './server-clock.ts';

/** What is asked of the server for one point. */
export type MonitoredItem = {
  readonly item: Item;
  /** Milliseconds; 0: as fast as the server can. */
  readonly sampling: number;
  readonly queue: number;
  readonly deadband: Deadband | undefined;
};

/** One subscription: points that are told of at the same interval. */
export type SubscriptionPlan = {
  /** Milliseconds. */
  readonly publishing: number;
  /** Publishing intervals without news after which the server says that it lives. */
  readonly keepAliveCount: number;
  /** Publishing intervals without a word of us after which the server gives it up. */
  readonly lifetimeCount: number;
  readonly items: readonly MonitoredItem[];
};

export type PlanSettings = {
  readonly publishing: number;
  readonly keepAlive: number;
  readonly sessionTimeout: number;
};

const SHORTEST_QUEUE = 2; // one value waits while another arises
const LONGEST_QUEUE = 10_000;
const FASTEST_QUEUE = 100; // nobody knows how fast a server looks that looks as fast as it can

/** Subscriptions for points that are told of: one for each interval at which it makes sense to tell. */
export function planSubscriptions(items: readonly Item[], settings: PlanSettings): readonly SubscriptionPlan[] {
  const monitored = items.map((item) => monitoredItem(item, settings));
  // A server that looks every ten seconds has nothing to say every second.
  const groups = Map.groupBy(monitored, ({ sampling }) => Math.max(settings.publishing, sampling));
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([publishing, group]) => ({
      publishing,
      ...lifetime(publishing, settings),
      items: [...group, serverClock(Math.max(publishing, settings.keepAlive))],
    }));
}

/** How often a subscription speaks at least, and how long it outlives our silence: as long as the session does. */
function lifetime(publishing: number, { keepAlive, sessionTimeout }: PlanSettings) {
  const keepAliveCount = Math.max(1, Math.round(keepAlive / publishing));
  // Part 4, 5.14.2.2: at least three times the keep-alive count.
  const lifetimeCount = Math.max(3 * keepAliveCount, Math.ceil(sessionTimeout / publishing));
  return { keepAliveCount, lifetimeCount };
}

function monitoredItem(item: Item, { publishing }: PlanSettings): MonitoredItem {
  const { sampling = item.sampling ?? publishing, queue, deadband } = item.point.address;
  return { item, sampling, queue: queue ?? queueFor(sampling, publishing), deadband };
}

/** Room for what arises between two messages, and one more, for server and network keep no exact time. */
function queueFor(sampling: number, publishing: number): number {
  if (sampling === 0) return FASTEST_QUEUE;
  return Math.min(LONGEST_QUEUE, Math.max(SHORTEST_QUEUE, Math.ceil(publishing / sampling) + 1));
}
