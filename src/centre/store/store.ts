import type { Range } from '../../model/ranges.ts';
import type { AccountState } from '../account.ts';
import type { Identity, ReceivedReading } from '../message.ts';
import type { Sink } from '../sink.ts';

/** What a store knows of one gateway and epoch, whoever wrote it. */
export type StoredAccount = AccountState & {
  /** Repeats that differ from the first delivery. */
  readonly conflicting: number;
  /** Times of the oldest and of the newest reading, wall milliseconds; null before the first. */
  readonly span: Span | null;
};

export type Span = { readonly oldest: number; readonly newest: number };

/** Null of no readings. */
export function spanOf(readings: readonly ReceivedReading[]): Span | null {
  if (readings.length === 0) return null;
  let [oldest, newest] = [Infinity, -Infinity];
  for (const { time } of readings) {
    oldest = Math.min(oldest, time);
    newest = Math.max(newest, time);
  }
  return { oldest, newest };
}

/** Times of the readings next to a hole, wall milliseconds; null where there is none on that side. */
export type Neighbours = { readonly before: number | null; readonly behind: number | null };

/** The ledger that all centres on one database share, to look at. */
export interface StoredLedger extends AsyncDisposable {
  /** All accounts as they are now, in the order of gateways and epochs. */
  accounts(): Promise<readonly StoredAccount[]>;
  neighbours(identity: Identity, hole: Range): Promise<Neighbours>;
}

/** A database that keeps readings and the ledger together: acknowledged means committed. */
export interface Store extends Sink {
  readonly accounts: readonly StoredAccount[];
}

/** A database came or went while a centre runs; it waits meanwhile, and acknowledges nothing. */
export type StoreEvent = { readonly kind: 'back' } | { readonly kind: 'lost'; readonly error: unknown };
