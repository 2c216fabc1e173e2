import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { GatewayError, messageOf } from '../../model/errors.ts';
import type { Range } from '../../model/ranges.ts';
import type { Gap, Identity, ReceivedReading } from '../message.ts';
import type { Keepable } from '../sink.ts';
import { spanOf, type Neighbours, type Store, type StoredAccount, type StoredLedger } from '../store/store.ts';
import { corrections, readCorrections } from './sqlite-corrections.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './sqlite-schema.ts';

// Names kept in memory beside their numbers; beyond that they are looked up again.
const POINTS_IN_MEMORY = 100_000;

/**
 * A database of readings, gap records and the coverage, one transaction a message. The next run goes on with the
 * ledger. A crash of the centre loses nothing; a power cut may undo the last moments, readings and coverage together,
 * so that they are a hole afterwards and not a silent loss.
 */
export function openSqlite(file: string): Store {
  const failed = (error: unknown): GatewayError =>
    new GatewayError('output-failed', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  try {
    const database = openDatabase(file);
    const kept = keptReadings(database);
    const accounts = readAccounts(database).map((account) => ({
      ...account,
      kept: (range: Range): number => kept(account, range),
    }));
    const write = database.transaction(writer(database));
    return {
      accounts,
      write(entry) {
        try {
          write.immediate(entry);
        } catch (error) {
          throw failed(error);
        }
      },
      close: () => void database.close(),
    };
  } catch (error) {
    throw failed(error);
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    if (!isEmpty) checkForm(database);
    database.pragma('journal_mode = WAL');
    // Acknowledged means safe from a crash of ours; see openSqlite for the power cut.
    database.pragma('synchronous = NORMAL');
    if (isEmpty) database.transaction(() => database.exec(SCHEMA))();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkForm(database: Database.Database): void {
  const application = database.pragma('application_id', { simple: true });
  const version = database.pragma('user_version', { simple: true });
  if (application !== APPLICATION_ID) throw new Error('it is a database of something else');
  if (version !== SCHEMA_VERSION) throw new Error(`it has form ${String(version)}, not ${SCHEMA_VERSION}`);
}

function writer(database: Database.Database): (entry: Keepable) => void {
  const accountOf = accountNumbers(database);
  const cover = coverage(database);
  const correct = corrections(database);
  const insertReading = readingInsertion(database);
  const count = bookkeeping(database);
  const insertGap = database.prepare('INSERT OR IGNORE INTO gap VALUES (?, ?, ?, ?, ?, ?, ?)');
  return (entry) => {
    const account = accountOf(entry.message);
    const { covers } = entry.message;
    if (entry.kind === 'correction') return correct(account, entry.message);
    if (entry.kind === 'gap') {
      const gap: Gap = entry.message;
      insertGap.run(account, covers.after, covers.upto, gap.count, gap.from, gap.to, gap.reason);
      return;
    }
    for (const reading of entry.fresh) insertReading(account, reading);
    count(account, entry);
    cover(account, covers);
  };
}

function bookkeeping(
  database: Database.Database,
): (account: number, entry: Extract<Keepable, { kind: 'data' }>) => void {
  const update = database.prepare(`UPDATE account SET received = received + @received,
    conflicting = conflicting + @conflicting, oldest = min(coalesce(oldest, @oldest), @oldest),
    newest = max(coalesce(newest, @newest), @newest) WHERE id = @account`);
  const complain = database.prepare('UPDATE account SET conflicting = conflicting + ? WHERE id = ?');
  return (account, { fresh, conflicting }) => {
    const span = spanOf(fresh);
    if (span !== null) update.run({ account, received: fresh.length, conflicting, ...span });
    else if (conflicting > 0) complain.run(conflicting, account);
  };
}

/** The number of an account, made when it is new. */
function accountNumbers(database: Database.Database): (identity: Identity) => number {
  const insert = database.prepare('INSERT OR IGNORE INTO account (gateway, epoch) VALUES (?, ?)');
  const select = database
    .prepare<[string, string], number>('SELECT id FROM account WHERE gateway = ? AND epoch = ?')
    .pluck();
  return ({ gateway, epoch }) => {
    const known = select.get(gateway, epoch);
    return known ?? Number(insert.run(gateway, epoch).lastInsertRowid);
  };
}

function readingInsertion(database: Database.Database): (account: number, reading: ReceivedReading) => void {
  const pointOf = pointNumbers(database);
  const insert = database.prepare('INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return (account, { seq, time, point, value, quality, reason, sourceTime, unit, clock = null }) => {
    // SQLite has no booleans: 0 and 1 as integers, while numbers are stored as reals.
    const stored = typeof value === 'boolean' ? BigInt(value) : value;
    insert.run(account, seq, time, pointOf(point), stored, quality, reason, sourceTime, unit, clock);
  };
}

function pointNumbers(database: Database.Database): (name: string) => number {
  const insert = database.prepare('INSERT OR IGNORE INTO point (name) VALUES (?)');
  const select = database.prepare<[string], number>('SELECT id FROM point WHERE name = ?').pluck();
  const known = new Map<string, number>();
  return (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const number = select.get(name) ?? Number(insert.run(name).lastInsertRowid);
    if (known.size >= POINTS_IN_MEMORY) known.clear();
    known.set(name, number);
    return number;
  };
}

/** Adds a range to an account's coverage, melting it together with those that it touches. */
function coverage(database: Database.Database): (account: number, range: Range) => void {
  const touched = 'FROM coverage WHERE account = @account AND upto >= @after AND after <= @upto';
  const span = database.prepare<unknown[], { after: number | null; upto: number | null }>(
    `SELECT min(after) AS after, max(upto) AS upto ${touched}`,
  );
  const remove = database.prepare(`DELETE ${touched}`);
  const insert = database.prepare('INSERT INTO coverage VALUES (@account, @after, @upto)');
  return (account, { after, upto }) => {
    if (after === upto) return;
    const known = span.get({ account, after, upto });
    remove.run({ account, after, upto });
    insert.run({ account, after: Math.min(after, known?.after ?? after), upto: Math.max(upto, known?.upto ?? upto) });
  };
}

/** Opens what a centre has stored, to look at; changes nothing. */
export function openSqliteLedger(file: string): StoredLedger {
  if (!existsSync(file)) throw new GatewayError('usage', `${file}: is not there; no centre has stored anything in it`);
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true });
    const release = new DisposableStack();
    release.defer(() => database.close());
    checkForm(database);
    return {
      accounts: () => Promise.resolve(database.transaction(() => readAccounts(database))()),
      neighbours: (identity, hole) => Promise.resolve(readNeighbours(database, identity, hole)),
      [Symbol.asyncDispose]: () => Promise.resolve(release.dispose()),
    };
  } catch (error) {
    throw new GatewayError('usage', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

function readAccounts(database: Database.Database): StoredAccount[] {
  type Row = Identity & {
    readonly id: number;
    readonly received: number;
    readonly conflicting: number;
    readonly oldest: number | null;
    readonly newest: number | null;
  };
  type GapRow = Omit<Gap, 'covers'> & Range;
  const ranges = database.prepare<[number], Range>('SELECT after, upto FROM coverage WHERE account = ? ORDER BY upto');
  const gaps = database.prepare<[number], GapRow>(
    'SELECT after, upto, count, time_from AS "from", time_to AS "to", reason FROM gap WHERE account = ? ORDER BY upto',
  );
  return database
    .prepare<[], Row>(
      'SELECT id, gateway, epoch, received, conflicting, oldest, newest FROM account ORDER BY gateway, epoch',
    )
    .all()
    .map(({ id, oldest, newest, ...account }) => ({
      ...account,
      span: oldest === null || newest === null ? null : { oldest, newest },
      delivered: ranges.all(id),
      corrections: readCorrections(database, id),
      gaps: gaps.all(id).map(({ after, upto, ...gap }) => ({ ...gap, covers: { after, upto } })),
    }));
}

function keptReadings(database: Database.Database): (identity: Identity, range: Range) => number {
  const count = database
    .prepare<unknown[], number>(
      `SELECT count(*) FROM reading WHERE seq > @after AND seq <= @upto
        AND account = (SELECT id FROM account WHERE gateway = @gateway AND epoch = @epoch)`,
    )
    .pluck();
  return ({ gateway, epoch }, { after, upto }) => count.get({ gateway, epoch, after, upto }) ?? 0;
}

function readNeighbours(database: Database.Database, { gateway, epoch }: Identity, hole: Range): Neighbours {
  const of = 'FROM reading JOIN account ON account.id = reading.account WHERE gateway = @gateway AND epoch = @epoch';
  const time = (where: string): number | null =>
    database
      .prepare<unknown[], number>(`SELECT reading.time ${of} AND ${where} LIMIT 1`)
      .pluck()
      .get({ gateway, epoch, ...hole }) ?? null;
  return { before: time('seq <= @after ORDER BY seq DESC'), behind: time('seq > @upto ORDER BY seq') };
}
