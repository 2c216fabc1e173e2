import type { ReadingClass } from '../model/point.ts';
import type { BatchTable, Victim } from './batches.ts';
import type { GapReason } from './journal.ts';
import type { Ledger } from './ledger.ts';

/** What is worth least goes first. */
const sacrifice: readonly ReadingClass[] = ['bulk', 'normal', 'billing', 'alarm'];

// Dropping by class leaves holes, and each is a range that every acknowledgement is compared with. From here on the
// oldest goes whatever its class, which closes them.
const MOST_HOLES = 4_096;

// Batches between two looks at what was gained: a few hundred kilobytes when they are full.
const STEP = 16;

type Holdings = { readonly batches: BatchTable; readonly ledger: Ledger };

/** How long dropping goes on: until `enough` says so, asked after every few batches, or nothing more may go. */
export type Drop = { readonly enough: () => boolean; readonly reason: GapReason; readonly at: number };

/**
 * Drops what is needed least: first what every destination has, oldest first; then the oldest of the lowest class.
 * Runs inside the caller's transaction; what a destination had not got becomes a gap record in the same.
 */
export function dropLeastNeeded(holdings: Holdings, drop: Drop): void {
  while (!drop.enough()) {
    const victims = leastNeeded(holdings);
    if (victims.length === 0) return;
    evict(holdings, victims, drop);
  }
}

/** Drops what is older than `limit`, wall milliseconds, acknowledged or not. */
export function dropOlderThan(holdings: Holdings, limit: number, drop: Drop): void {
  while (!drop.enough()) {
    const victims = holdings.batches.olderThan(limit, STEP);
    if (victims.length === 0) return;
    evict(holdings, victims, drop);
  }
}

function leastNeeded({ batches, ledger }: Holdings): readonly Victim[] {
  for (const range of ledger.spent(batches.last)) {
    const spent = batches.within(range, STEP);
    if (spent.length > 0) return spent;
  }
  if (ledger.stored.length > MOST_HOLES) return batches.olderThan(Infinity, STEP);
  for (const name of sacrifice) {
    const oldest = batches.ofClass(name, STEP);
    if (oldest.length > 0) return oldest;
  }
  return [];
}

/** Drops these. */
export function evict(
  { batches, ledger }: Holdings,
  victims: readonly Victim[],
  { reason, at }: Pick<Drop, 'reason' | 'at'>,
): void {
  for (const victim of victims) {
    ledger.evict(victim, reason, at);
    batches.remove(victim.first);
  }
}
