import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { lockPath, openSQLite } from './database.ts';
import { isBusy } from './fault.ts';

/**
 * Takes the journal's folder for this process, or throws `journal-locked` naming the holder. The system frees it when
 * the process ends, however it ends. It is the lock of an empty database of its own, so that the journal's database
 * can be closed and opened again under it.
 */
export function takeLock(folder: string): Disposable {
  const database = openSQLite(lockPath(folder));
  try {
    database.pragma('journal_mode = MEMORY'); // nothing is ever written, so no file need stand beside it
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw isBusy(error)
      ? new GatewayError('journal-locked', `the journal in ${folder} belongs to ${holder(folder)}`)
      : error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

/** Says who holds the lock, for the message to whoever is refused. `now` is in wall milliseconds. */
export function nameHolder(folder: string, now: number): Disposable {
  const path = holderPath(folder);
  try {
    writeFileSync(path, `${JSON.stringify({ pid: process.pid, since: isoTime(now) })}\n`);
  } catch {
    // A full disk: then it is just 'another process'.
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

function holderPath(folder: string): string {
  return join(folder, 'owner');
}

function holder(folder: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(holderPath(folder), 'utf8'));
    return `process ${pid} since ${since}`;
  } catch {
    return 'another process';
  }
}
