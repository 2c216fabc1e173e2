import type { Item } from './item.ts';
import type { GrantedItem, Subscription } from './subscribe.ts';
import type { MonitoredItem } from './subscription-plan.ts';

/** Server_ServerStatus_CurrentTime: what changes in every server that lives. */
export const SERVER_CLOCK = 'i=2258';

const clock: Item = {
  device: '',
  point: {
    number: -1,
    id: 'the clock of the server',
    address: { node: { namespace: 0, identifier: SERVER_CLOCK }, type: 'string', mode: 'subscribe' },
  },
  nodeId: SERVER_CLOCK,
  sampling: undefined,
};

/** Told of in each subscription, so that one which has died is known by its silence. `interval` in milliseconds. */
export function serverClock(interval: number): MonitoredItem {
  return { item: clock, sampling: interval, queue: 2, deadband: undefined };
}

export function isServerClock(item: Item): boolean {
  return item === clock;
}

/** Milliseconds within which a subscription tells the time again. */
export function clockInterval({ keepAlive, publishing }: Subscription, { sampling }: GrantedItem): number {
  return Math.max(keepAlive, publishing + sampling);
}
