import type { Database } from 'better-sqlite3';
import type { Epoch } from './journal.ts';
import type { Facts } from './quarantine.ts';
import { ENDLESS } from './schema.ts';

type Accounts = Pick<Facts, 'last' | 'destinations'> & { readonly gateway: string; readonly epoch: Epoch };

type Destination = NonNullable<Facts['destinations']>[number];

/** What a damaged database still says of itself; throws where it does not even say whose it is. */
export function readAccounts(database: Database): Accounts {
  const identity = database.prepare<[], { gateway: string; epoch: Epoch }>('SELECT gateway, epoch FROM meta').get();
  if (identity === undefined) throw new Error('it has no identity');
  return { ...identity, last: readLast(database), destinations: readDestinations(database) };
}

function readLast(database: Database): number {
  try {
    const last = 'SELECT first + count - 1 FROM batch ORDER BY first DESC LIMIT 1';
    return database.prepare<[], number>(last).pluck().get() ?? 0;
  } catch {
    return 0;
  }
}

/** What waits for whom; null where it cannot be read, or cannot be all. */
function readDestinations(database: Database): Destination[] | null {
  try {
    const all = database
      .prepare<[], { number: number; name: string }>('SELECT number, name FROM destination WHERE active = 1')
      .all();
    const destinations = all.map(({ number, name }) => ({ name, ...owed(database, number) }));
    return destinations.every(hasTail) ? destinations : null;
  } catch {
    return null;
  }
}

function owed(database: Database, owner: number): Omit<Destination, 'name'> {
  const spans = 'SELECT after, upto FROM span WHERE owner = ? ORDER BY after';
  const gaps = 'SELECT after, upto, count, oldest, newest, reason, at FROM gap WHERE destination = ? ORDER BY number';
  return {
    pending: database.prepare<[number], Destination['pending'][number]>(spans).all(owner),
    gaps: database.prepare<[number], Destination['gaps'][number]>(gaps).all(owner),
  };
}

/** Each waits for all that is still to come: without that its ranges are not all there. */
function hasTail({ pending }: Destination): boolean {
  return pending.at(-1)?.upto === ENDLESS && pending.every(({ after, upto }) => after >= 0 && after < upto);
}
