import type { Library } from '../../src/wire/opcua-library.ts';
import type { Deadband } from './deadband.ts';
import type { Item } from './item.ts';
import { portions, type Services } from './services.ts';
import type { MonitoredItem, SubscriptionPlan } from './subscription-plan.ts';

/** A subscription that the server has granted, with what it made of our wishes. */
export type Subscription = {
  readonly id: number;
  /** Milliseconds, as granted. */
  readonly publishing: number;
  /** Milliseconds after which the server has said something, as granted. */
  readonly keepAlive: number;
  /** By the handle under which the server tells of them. */
  readonly items: ReadonlyMap<number, GrantedItem>;
  /** Some are parts of structures, which the stack decodes in a second step. */
  readonly isStructured: boolean;
  /** Number of the next message; undefined before the first. */
  next: number | undefined;
};

export type GrantedItem = {
  readonly item: Item;
  /** Milliseconds, as granted. */
  readonly sampling: number;
  readonly queue: number;
  readonly asked: MonitoredItem;
};

/** An item that the server did not take, and why: `BadNodeIdUnknown`. */
export type RefusedItem = {
  readonly item: Item;
  readonly asked: MonitoredItem;
  readonly status: string;
  readonly code: number;
};

export type Subscribed = { readonly subscription: Subscription; readonly refused: readonly RefusedItem[] };

// What a message may hold: all that one brings is in memory at once.
const MOST_PER_MESSAGE = 1_000;

/** Creates a subscription and what belongs to it. Rejects as `Services.ask` does. */
export async function subscribe(services: Services, plan: SubscriptionPlan, signal: AbortSignal): Promise<Subscribed> {
  const { session } = services;
  const granted = await services.ask(
    'creating a subscription',
    () =>
      session.createSubscription({
        requestedPublishingInterval: plan.publishing,
        requestedMaxKeepAliveCount: plan.keepAliveCount,
        requestedLifetimeCount: plan.lifetimeCount,
        maxNotificationsPerPublish: MOST_PER_MESSAGE,
        publishingEnabled: true,
        priority: 0,
      }),
    signal,
  );
  const taken = await monitorAll(services, granted.subscriptionId, plan.items, signal);
  // Not every server can watch a deadband, or knows the range that a percentage is of: then all changes are told.
  const { true: plain = [], false: refused = [] } = Object.groupBy(taken.refused, (each) => `${isDeadband(each)}`);
  const again = plain.map(({ asked }) => ({ ...asked, deadband: undefined }));
  const undamped = await monitorAll(services, granted.subscriptionId, again, signal);
  const publishing = granted.revisedPublishingInterval;
  const keepAlive = publishing * granted.revisedMaxKeepAliveCount;
  const items = new Map([...taken.items, ...undamped.items]);
  return {
    subscription: {
      id: granted.subscriptionId,
      publishing,
      keepAlive,
      items,
      isStructured: plan.items.some(({ item }) => item.point.address.member !== undefined),
      next: undefined,
    },
    refused: [...refused, ...undamped.refused],
  };
}

const deadbandStatuses = ['BadDeadbandFilterInvalid', 'BadFilterNotAllowed', 'BadMonitoredItemFilterUnsupported'];

function isDeadband({ asked, status }: RefusedItem): boolean {
  return asked.deadband !== undefined && deadbandStatuses.includes(status);
}

type Taken = { readonly items: ReadonlyMap<number, GrantedItem>; readonly refused: readonly RefusedItem[] };

async function monitorAll(
  services: Services,
  subscription: number,
  wanted: readonly MonitoredItem[],
  signal: AbortSignal,
): Promise<Taken> {
  const items = new Map<number, GrantedItem>();
  const refused: RefusedItem[] = [];
  for (const portion of portions(wanted, services.limits.items)) {
    const wishes = portion.map((wish) => ({ wish, handle: nextHandle() }));
    const results = await monitor(services, subscription, wishes, signal);
    for (const [index, { wish: asked, handle }] of wishes.entries()) {
      const result = results[index];
      const { item } = asked;
      if (result?.statusCode.isGood() === true) {
        const { revisedSamplingInterval: sampling, revisedQueueSize: queue } = result;
        items.set(handle, { item, sampling, queue, asked });
      } else {
        refused.push({
          item,
          asked,
          status: result?.statusCode.name ?? 'no result',
          code: result?.statusCode.value ?? NO_RESULT,
        });
      }
    }
  }
  return { items, refused };
}

const NO_RESULT = 0x8000_0000; // Bad

// Unique in this process: what belongs to a session before never meets an item of this one.
let handles = 0;

function nextHandle(): number {
  handles = (handles + 1) >>> 0;
  return handles;
}

type Wish = { readonly wish: MonitoredItem; readonly handle: number };

async function monitor(
  services: Services,
  subscriptionId: number,
  wishes: readonly Wish[],
  signal: AbortSignal,
): Promise<readonly Library.MonitoredItemCreateResult[]> {
  const { library, session } = services;
  const itemsToCreate = wishes.map((wish) => creation(wish, library));
  const { results } = await services.ask(
    'creating monitored items',
    () =>
      session.createMonitoredItems({
        subscriptionId,
        timestampsToReturn: library.TimestampsToReturn.Both,
        itemsToCreate,
      }),
    signal,
  );
  return results ?? [];
}

function creation({ wish, handle }: Wish, library: typeof Library): Library.MonitoredItemCreateRequestOptions {
  const { index } = wish.item.point.address;
  return {
    itemToMonitor: {
      nodeId: wish.item.nodeId ?? 'i=0',
      attributeId: library.AttributeIds.Value,
      ...(index !== undefined && { indexRange: new library.NumericRange(index) }),
    },
    monitoringMode: library.MonitoringMode.Reporting,
    requestedParameters: {
      clientHandle: handle,
      samplingInterval: wish.sampling,
      queueSize: wish.queue,
      discardOldest: true,
      filter: wish.deadband === undefined ? null : filterOf(wish.deadband, library),
    },
  };
}

function filterOf({ kind, value }: Deadband, library: typeof Library): Library.DataChangeFilter {
  const { DataChangeFilter, DataChangeTrigger, DeadbandType } = library;
  return new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: kind === 'absolute' ? DeadbandType.Absolute : DeadbandType.Percent,
    deadbandValue: value,
  });
}
