import { existsSync, rmSync } from 'node:fs';
import { GatewayError } from '../model/errors.ts';
import { checkHeader, databasePath, filesBeside, openSQLite } from './database.ts';
import { journalFault } from './fault.ts';
import type { JournalStatus } from './journal.ts';
import { takeLock } from './lock.ts';
import { statusOf, useDatabase } from './opened.ts';
import { Progress } from './progress.ts';
import { SCHEMA_VERSION } from './schema.ts';

/**
 * The status of a journal whose daemon is stopped; leaves its files as they were. Rejects with `journal-locked`, naming
 * the owner, when it has one; with `journal-unusable` when there is no journal, or this user may not open it.
 */
export async function inspectJournal(path: string): Promise<JournalStatus> {
  if (!existsSync(databasePath(path))) throw new GatewayError('journal-unusable', `there is no journal in ${path}`);
  try {
    // Held meanwhile, so that what SQLite puts beside the database is ours to remove.
    using _lock = takeLock(path);
    checkHeader(path);
    const made = filesBeside(path).filter((file) => !existsSync(file));
    try {
      return readStatus(path);
    } finally {
      for (const file of made) rmSync(file, { force: true });
    }
  } catch (error) {
    throw journalFault(error, path);
  }
}

function readStatus(path: string): JournalStatus {
  const database = openSQLite(databasePath(path), { readonly: true, fileMustExist: true });
  try {
    if (database.pragma('user_version', { simple: true }) !== SCHEMA_VERSION) {
      throw new GatewayError('journal-unusable', `the journal in ${path} is of an older Weir: start the daemon once`);
    }
    return statusOf(useDatabase(database, path), new Progress());
  } finally {
    database.close();
  }
}
