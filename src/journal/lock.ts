import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { openSQLite } from './database.ts';
import { isBusy } from './fault.ts';

/**
 * Takes the journal's folder for this process, or throws `journal-locked` naming the holder. The system frees it when
 * the process ends, however it ends. It is the lock of an empty database of its own, so that the journal's database
 * can be closed and opened again under it.
 */
export function takeLock(folder: string, now: number): Disposable {
  const database = openSQLite(lockPath(folder));
  try {
    database.pragma('journal_mode = MEMORY'); // nothing is ever written, so no file need stand beside it
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw isBusy(error) ? lockedError(folder) : error;
  }
  writeFileSync(ownerPath(folder), `${JSON.stringify({ pid: process.pid, since: isoTime(now) })}\n`);
  return {
    [Symbol.dispose]: () => {
      rmSync(ownerPath(folder), { force: true });
      database.close();
    },
  };
}

export function lockPath(folder: string): string {
  return join(folder, 'lock');
}

/** Only for the message of `journal-locked`: who holds the lock is known to the system alone. */
function ownerPath(folder: string): string {
  return join(folder, 'owner');
}

/** Says who holds the journal, as far as the holder has told. */
export function lockedError(folder: string): GatewayError {
  return new GatewayError('journal-locked', `the journal in ${folder} belongs to ${holder(folder)}`);
}

function holder(folder: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(ownerPath(folder), 'utf8'));
    return `process ${pid} since ${since}`;
  } catch {
    return 'another process';
  }
}
