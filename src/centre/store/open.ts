import type { Clock } from '../../model/clock.ts';
import { GatewayError } from '../../model/errors.ts';
import type { Store, StoredLedger, StoreEvent } from './store.ts';

// Both are loaded on demand: who needs neither pays for neither.

/** Opens a store to write to, and makes it where there is none: a PostgreSQL url, or the file of a SQLite database. */
export async function openStore(place: string, clock: Clock, heard: (event: StoreEvent) => void): Promise<Store> {
  if (isPostgres(place)) return (await import('./postgres.ts')).openPostgres(place, clock, heard);
  return (await import('../sinks/sqlite.ts')).openSqlite(place);
}

/** Opens what is in a store, to look at. */
export async function openLedger(place: string, clock: Clock): Promise<StoredLedger> {
  if (isPostgres(place)) return (await import('./postgres-ledger.ts')).openPostgresLedger(place, clock);
  return (await import('../sinks/sqlite.ts')).openSqliteLedger(place);
}

/** Whether a place is a url; throws `usage`, without the url, where it is one that must not be. */
function isPostgres(place: string): boolean {
  if (!place.includes('://')) return false;
  const url = URL.parse(place);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new GatewayError('usage', '--store must be a file, or like postgres://user@host/database');
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new GatewayError('usage', '--store carries a password: use PGPASSFILE or PGPASSWORD');
  }
  return true;
}
