import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import SQLite, { type Database } from 'better-sqlite3';
import { GatewayError } from '../model/errors.ts';
import { damaged } from './codec.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './schema.ts';

// Before 3.51.3 a checkpoint that races a reset of the write-ahead log can lose committed rows.
const OLDEST_SQLITE = [3, 51, 3] as const;

/** Each is set, then read back: SQLite answers a pragma that it does not honour with silence. In this order. */
const pragmas = [
  ['locking_mode', 'EXCLUSIVE', 'exclusive'], // nobody else can pin the log or write, and no shared memory is needed
  ['auto_vacuum', 'INCREMENTAL', 2], // takes effect only before the first table
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2], // better-sqlite3 opens WAL databases at NORMAL, which a power cut makes forget commits
  ['wal_autocheckpoint', 256, 256],
  ['journal_size_limit', 1_048_576, 1_048_576],
  ['cache_size', -2_048, -2_048], // KiB
  ['temp_store', 'MEMORY', 2],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
] as const;

export function databasePath(folder: string): string {
  return join(folder, 'journal.db');
}

/** The database whose lock is the journal's: see lock.ts. */
export function lockPath(folder: string): string {
  return join(folder, 'lock');
}

export function logPath(folder: string): string {
  return `${databasePath(folder)}-wal`;
}

/** What SQLite keeps beside a WAL database while it is open, or after a crash. */
export function filesBeside(folder: string): readonly string[] {
  return [logPath(folder), `${databasePath(folder)}-shm`];
}

/** The one place where SQLite is opened. Never waits for a lock. */
export function openSQLite(path: string, options: { readonly?: boolean; fileMustExist?: boolean } = {}): Database {
  return new SQLite(path, { ...options, timeout: 0 });
}

/** Opens the database in `folder`, makes it where there is none, and brings its schema up to date. */
export function openDatabase(folder: string): Database {
  const database = openSQLite(databasePath(folder));
  try {
    // Before the first statement, or SQLite makes a file of shared memory, for which a full disk has no room.
    database.pragma('locking_mode = EXCLUSIVE');
    checkVersion(database);
    for (const [name, value, expected] of pragmas) {
      database.pragma(`${name} = ${value}`);
      const actual = database.pragma(name, { simple: true });
      if (name === 'auto_vacuum' && actual !== expected) throw damaged(`its header has ${name} ${String(actual)}`);
      if (actual !== expected) {
        throw new GatewayError(
          'journal-unusable',
          `the journal in ${folder}: ${name} is ${String(actual)}, not ${expected}`,
        );
      }
    }
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkVersion(database: Database): void {
  const version = database.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '';
  const numbers = version.split('.').map(Number);
  const differs = OLDEST_SQLITE.findIndex((oldest, index) => numbers[index] !== oldest);
  if (differs !== -1 && (numbers[differs] ?? 0) < (OLDEST_SQLITE[differs] ?? 0)) {
    throw new GatewayError('journal-unusable', `SQLite ${version} is older than ${OLDEST_SQLITE.join('.')}`);
  }
}

// https://www.sqlite.org/fileformat.html 1.3
// A release makes a few at most.
const NO_VERSION = 0xff;

const HEADER = { length: 100, userVersion: 60, applicationId: 68, magic: 'SQLite format 3\0' } as const;

/**
 * Refuses a database that a newer release or another program wrote, without touching it: SQLite would already have
 * recovered its log. What is no database, or does not look like ours and is, is damaged. Call it only under the lock: closing the file drops the locks that this process holds on it.
 */
export function checkHeader(folder: string, { isOurs = false }: { readonly isOurs?: boolean } = {}): void {
  const header = readHeader(databasePath(folder));
  if (header === undefined) return;
  if (header.toString('latin1', 0, HEADER.magic.length) !== HEADER.magic) throw damaged('its file is no database');
  const application = header.readUInt32BE(HEADER.applicationId);
  if (application !== APPLICATION_ID && application !== 0) {
    if (isOurs) throw damaged('its header has the mark of another program');
    throw new GatewayError('journal-unusable', `${databasePath(folder)} is the database of another program`);
  }
  const version = header.readUInt32BE(HEADER.userVersion);
  if (version > SCHEMA_VERSION) {
    if (version > NO_VERSION) throw damaged(`its header has version ${version}`);
    throw new GatewayError(
      'journal-newer',
      `the journal in ${folder} has version ${version}, this Weir knows ${SCHEMA_VERSION}`,
    );
  }
}

/** Undefined where there is no file, or one that was just made and is empty. */
function readHeader(path: string): Buffer | undefined {
  const header = Buffer.alloc(HEADER.length);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readSync(file, header) === HEADER.length ? header : undefined;
  } finally {
    closeSync(file);
  }
}
