import type { Clock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Item } from './item.ts';

/** Items that are asked for at the same interval, milliseconds. */
export type PolledGroup = { readonly interval: number; readonly items: readonly Item[] };

export type PollEvents = {
  readonly ask: (items: readonly Item[]) => Promise<readonly Reading[]>;
  readonly read: (items: readonly Item[], readings: readonly Reading[]) => void;
  /** Resolves when more may come. */
  readonly room: () => Promise<void>;
};

// Milliseconds. Asking faster than this is what subscriptions are for.
const SHORTEST_INTERVAL = 100;

/** Groups items by how often they are to be asked for; `usual` where they do not say, `least` for all of them. */
export function pollGroups(items: readonly Item[], usual: number, least = SHORTEST_INTERVAL): readonly PolledGroup[] {
  const intervalOf = ({ point, sampling }: Item): number =>
    Math.max(least, point.address.sampling ?? sampling ?? usual);
  return [...Map.groupBy(items, intervalOf)].map(([interval, group]) => ({ interval, items: group }));
}

/** Asks for a group at its interval until `signal` aborts; a round that comes too late is left out. Rejects as `ask`. */
export async function pollGroup(
  { interval, items }: PolledGroup,
  { ask, read, room }: PollEvents,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let due = clock.monotonic() + interval;
  while (!signal.aborted) {
    await clock.sleep(Math.max(0, due - clock.monotonic()), signal).catch(() => undefined);
    await room();
    if (signal.aborted) return;
    read(items, await ask(items));
    due += Math.max(1, Math.ceil((clock.monotonic() - due) / interval)) * interval;
  }
}
