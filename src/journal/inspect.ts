import { existsSync, rmSync } from 'node:fs';
import { GatewayError } from '../model/errors.ts';
import { checkHeader, databasePath, filesBeside, openSQLite } from './database.ts';
import { journalFault } from './fault.ts';
import { readHistory } from './history.ts';
import type { Journal, JournalStatus } from './journal.ts';
import { takeLock } from './lock.ts';
import { statusOf, useDatabase, type OpenedDatabase } from './opened.ts';
import { Progress } from './progress.ts';
import { SCHEMA_VERSION } from './schema.ts';

/** A journal whose daemon is stopped, to be read; the daemon cannot start until it is disposed. */
export type StoppedJournal = Pick<Journal, 'points' | 'history' | 'status'> & Disposable;

/** The status of a journal whose daemon is stopped; leaves its files as they were. Rejects as `openStopped` throws. */
export async function inspectJournal(path: string): Promise<JournalStatus> {
  using journal = openStopped(path);
  return await journal.status();
}

/**
 * Opens a journal whose daemon is stopped; leaves its files as they were. Throws `journal-locked`, naming the owner, when
 * it has one; `journal-unusable` when there is no journal, or this user may not open it.
 */
export function openStopped(path: string): StoppedJournal {
  if (!existsSync(databasePath(path))) throw new GatewayError('journal-unusable', `there is no journal in ${path}`);
  return faultsOf(path, () => {
    using opening = new DisposableStack();
    // Held meanwhile, so that what SQLite puts beside the database is ours to remove.
    opening.use(takeLock(path));
    checkHeader(path);
    const made = filesBeside(path).filter((file) => !existsSync(file));
    opening.defer(() => made.forEach((file) => rmSync(file, { force: true })));
    const opened = openReadOnly(path, opening);
    const points = opened.catalogue.points;
    const held = opening.move();
    return {
      points,
      history: async (query) => faultsOf(path, () => readHistory(opened, query)),
      status: async () => faultsOf(path, () => statusOf(opened, new Progress())),
      [Symbol.dispose]: () => held.dispose(),
    };
  });
}

function openReadOnly(path: string, opening: DisposableStack): OpenedDatabase {
  const database = openSQLite(databasePath(path), { readonly: true, fileMustExist: true });
  opening.defer(() => database.close());
  if (database.pragma('user_version', { simple: true }) !== SCHEMA_VERSION) {
    throw new GatewayError('journal-unusable', `the journal in ${path} is of an older Weir: start the daemon once`);
  }
  return useDatabase(database, path);
}

function faultsOf<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalFault(error, path);
  }
}
