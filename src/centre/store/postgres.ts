import { Bell } from '../../forward/bell.ts';
import { withDeadline, type Clock } from '../../model/clock.ts';
import type { GatewayError } from '../../model/errors.ts';
import { supervise, type Backoff } from '../../ops/supervise.ts';
import type { Keepable } from '../sink.ts';
import { connectPostgres, prepareTables, type Connection } from './postgres-connection.ts';
import { readAccounts } from './postgres-ledger.ts';
import { rowsOf, type Rows } from './postgres-rows.ts';
import {
  BOOK_CONFLICTS,
  CORRECT,
  CORRECT_LATE,
  COVER,
  INSERT_CORRECTIONS,
  INSERT_GAPS,
  INSERT_READINGS,
  MEET,
} from './postgres-statements.ts';
import type { Store, StoredAccount, StoreEvent } from './store.ts';

const BACKOFF: Backoff = { first: 250, longest: 5000, jitter: 0.5 };
// A transaction: what waits while the last one is committed goes into the next.
const MOST_READINGS = 20_000;
const MOST_MESSAGES = 512;
const LONGEST_FLUSH = 5000; // milliseconds

type Waiting = PromiseWithResolvers<void> & { readonly entry: Keepable };

/** Opens the tables in a database, and makes them where there are none. Rejects with `store-failed`. */
export async function openPostgres(url: string, clock: Clock, heard: (event: StoreEvent) => void): Promise<Store> {
  const first = await connectPostgres(url, clock);
  try {
    await prepareTables(first, url);
    return new PostgresStore({ url, clock, heard }, first, await readAccounts(first));
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

type Settings = { readonly url: string; readonly clock: Clock; readonly heard: (event: StoreEvent) => void };

/** Commits many messages at once, in the order in which they came; a database that goes away is waited for. */
class PostgresStore implements Store {
  readonly accounts: readonly StoredAccount[];
  readonly #settings: Settings;
  readonly #queue: Waiting[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** The connection made when it was opened, until the first attempt takes it. */
  #first: Connection | undefined;
  /** Rung when something waits; each connection has its own. */
  #bell = new Bell();
  #isLost = false;

  constructor(settings: Settings, first: Connection, accounts: readonly StoredAccount[]) {
    this.#settings = settings;
    this.#first = first;
    this.accounts = accounts;
    this.#running = supervise(
      {
        clock: settings.clock,
        backoff: BACKOFF,
        attempt: (signal, healthy) => this.#serve(signal, healthy),
        failed: (error) => this.#lost(error),
      },
      this.#stop.signal,
    );
    this.#running.catch((error: unknown) => {
      for (const { reject } of this.#queue.splice(0)) reject(error);
    });
  }

  write(entry: Keepable): Promise<void> {
    const waiting = { entry: withoutRepeats(entry), ...Promise.withResolvers<void>() };
    this.#queue.push(waiting);
    this.#bell.ring();
    return waiting.promise;
  }

  /** Gives what waits some seconds to be committed; the rest stays unacknowledged. */
  async close(): Promise<void> {
    const last = this.#queue.at(-1);
    if (last !== undefined && !this.#isLost) {
      const limit = { clock: this.#settings.clock, milliseconds: LONGEST_FLUSH, late: () => new Error('late') };
      await withDeadline(last.promise, limit).catch(() => undefined);
    }
    this.#stop.abort();
    await this.#running.catch(() => undefined);
  }

  async #serve(signal: AbortSignal, healthy: () => void): Promise<void> {
    await using connection = await this.#connect();
    // One listener for each end: a race of every wait with promises that live as long as the connection would leave its
    // reactions in them, for ever.
    const bell = new Bell();
    this.#bell = bell;
    const stop = (): void => bell.close(signal.reason);
    using listening = new DisposableStack();
    signal.addEventListener('abort', stop, { once: true });
    listening.defer(() => signal.removeEventListener('abort', stop));
    connection.ended.catch((error: Error) => bell.close(error));
    while (!signal.aborted) {
      while (this.#queue.length === 0) await bell.heard();
      await this.#commit(connection);
      healthy();
    }
  }

  async #connect(): Promise<Connection> {
    const { url, clock, heard } = this.#settings;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return first;
    const connection = await connectPostgres(url, clock);
    await prepareTables(connection, url);
    this.#isLost = false;
    heard({ kind: 'back' });
    return connection;
  }

  async #commit(connection: Connection): Promise<void> {
    const batch = this.#batch();
    await persist(connection, rowsOf(batch.map(({ entry }) => entry)));
    this.#queue.splice(0, batch.length);
    for (const { resolve } of batch) resolve();
  }

  #batch(): readonly Waiting[] {
    let readings = 0;
    const end = this.#queue.slice(0, MOST_MESSAGES).findIndex(({ entry }) => {
      readings += entry.kind === 'data' ? entry.fresh.length : 0;
      return readings > MOST_READINGS;
    });
    return this.#queue.slice(0, end < 0 ? MOST_MESSAGES : Math.max(1, end));
  }

  #lost(error: GatewayError): void {
    if (!this.#isLost) this.#settings.heard({ kind: 'lost', error });
    this.#isLost = true;
  }
}

/** While a database is away the broker sends the same again and again: what of it is not new must not fill the memory. */
function withoutRepeats(entry: Keepable): Keepable {
  return entry.kind === 'data' ? { ...entry, message: { ...entry.message, readings: [] } } : entry;
}

function persist(connection: Connection, rows: Rows): Promise<void> {
  return connection.transaction(async () => {
    await connection.query(MEET, [rows.accounts]);
    const [result] = await connection.query<{ inserted: number }>(INSERT_READINGS, [rows.readings]);
    if (result?.inserted !== rows.count) await connection.query(BOOK_CONFLICTS, [rows.readings]);
    await connection.query(COVER, [rows.coverage]);
    await connection.query(INSERT_GAPS, [rows.gaps]);
    if (rows.unsure !== undefined) await connection.query(CORRECT_LATE, [rows.unsure]);
    if (rows.corrections === undefined) return;
    await connection.query(INSERT_CORRECTIONS, [rows.corrections]);
    await connection.query(CORRECT, [rows.corrections]);
  });
}
