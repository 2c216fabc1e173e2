import { isIP } from 'node:net';
import { Client } from 'pg';
import { withDeadline, type Clock } from '../../model/clock.ts';
import { GatewayError, messageOf } from '../../model/errors.ts';
import { causeOf, codeOf } from '../../wire/far-end.ts';
import { formFault, POSTGRES_SCHEMA } from './postgres-schema.ts';

// The only file that knows the client of PostgreSQL; loaded where a store is one.

const CONNECT_WITHIN = 10_000; // milliseconds
const ANSWER_WITHIN = 60_000;
const LONGEST_GOODBYE = 2000;
// Whoever creates the tables first: an arbitrary number that all centres share.
const CREATION_LOCK = 0x77656972;

/** A connection; whatever it throws is `store-failed`, and it is of no use afterwards. */
export interface Connection extends AsyncDisposable {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** All of `work` or nothing of it; `mode` as BEGIN has it. */
  transaction<Result>(work: () => Promise<Result>, mode?: string): Promise<Result>;
  /** Rejects when it ends. */
  readonly ended: Promise<never>;
}

/** The url without what it may hold of settings. */
function databaseName(text: string): string {
  const { host, pathname } = new URL(text);
  return `PostgreSQL at ${host || 'this machine'}${pathname}`;
}

export async function connectPostgres(url: string, clock: Clock): Promise<Connection> {
  const failed = (error: unknown): GatewayError =>
    new GatewayError('store-failed', `${databaseName(url)}: ${trouble(error)}`, { cause: error });
  const client = new Client({
    connectionString: withVerifiedTls(url),
    application_name: 'weir centre',
    connectionTimeoutMillis: CONNECT_WITHIN,
    query_timeout: ANSWER_WITHIN,
    keepAlive: true,
  });
  const ended = new Promise<never>((_, reject) => {
    client.on('error', (error) => reject(failed(error)));
    client.on('end', () => reject(failed(new Error('the connection has ended'))));
  });
  ended.catch(() => undefined); // it may end before anybody waits for it
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    const { rows } = await client
      .query<Row>(text, [...values])
      .catch((error: unknown) => Promise.reject(failed(error)));
    return rows;
  };
  await client.connect().catch((error: unknown) => Promise.reject(failed(error)));
  return {
    query,
    ended,
    transaction: async (work, mode = '') => {
      await query(`BEGIN ${mode}`);
      const result = await work();
      await query('COMMIT');
      return result;
    },
    // It waits for what a dead server will never say.
    [Symbol.asyncDispose]: () =>
      withDeadline(client.end(), { clock, milliseconds: LONGEST_GOODBYE, late: () => new Error('late') }).catch(
        () => undefined,
      ),
  };
}

/** Creates the tables in a database that has none; throws where they are those of another version. */
export async function prepareTables(connection: Connection, url: string): Promise<void> {
  // Acknowledged means committed. What is stronger than `on` stays.
  await connection.query(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
  await connection.transaction(async () => {
    await connection.query('SELECT pg_advisory_xact_lock($1)', [CREATION_LOCK]);
    if (!(await hasTables(connection))) await connection.query(POSTGRES_SCHEMA);
  });
  await checkTables(connection, url);
}

/** Throws where there are no tables, or those of another version. */
export async function checkTables(connection: Connection, url: string): Promise<void> {
  if (!(await hasTables(connection))) {
    throw new GatewayError('usage', `${databaseName(url)}: no centre has stored anything there`);
  }
  const [form] = await connection.query<{ version: number }>('SELECT version FROM weir.form');
  const fault = formFault(form?.version ?? 0);
  if (fault !== null) throw new GatewayError('usage', `${databaseName(url)}: ${fault}`);
}

async function hasTables(connection: Connection): Promise<boolean> {
  const [row] = await connection.query<{ found: boolean }>("SELECT to_regclass('weir.form') IS NOT NULL AS found");
  return row?.found === true;
}

function trouble(error: unknown): string {
  // Several addresses of one name, each with its own failure.
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  return codeOf(error) === '' ? messageOf(error) : causeOf(error);
}

/** Beyond this machine the server must prove who it is, unless the url says otherwise. */
function withVerifiedTls(text: string): string {
  const url = new URL(text);
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const isNear = host === '' || host === 'localhost' || host.startsWith('/') || isLoopback(host);
  if (!isNear && !url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'verify-full');
  return url.href;
}

function isLoopback(host: string): boolean {
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '[::1]';
}
