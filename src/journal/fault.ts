import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type ErrorCode, GatewayError, messageOf } from '../model/errors.ts';
import { databasePath, filesBeside, lockPath } from './database.ts';

// SQLite's result codes and the system's errors, by how they begin.
const codes: readonly (readonly [start: string, code: ErrorCode])[] = [
  ['SQLITE_FULL', 'journal-full'],
  ['ENOSPC', 'journal-full'],
  ['EDQUOT', 'journal-full'],
  ['SQLITE_BUSY', 'journal-locked'],
  ['SQLITE_CORRUPT', 'journal-corrupt'],
  ['SQLITE_NOTADB', 'journal-corrupt'],
];

/** What missing rights look like, and much that passes by itself: a read-only disk, too many open files, a late mount. A file that
 * may only be read cannot be locked for writing. */
const refusals = [
  'SQLITE_IOERR_LOCK',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'EEXIST',
];

/**
 * What went wrong with the journal in `path`, under our own code; `journal-failed` when it is nothing we know, or may
 * pass: `journal-unusable` ends a service for good, so it is only for what a person must mend.
 */
export function journalFault(error: unknown, path: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const sign = systemCode(error);
  const why = sign === 'EEXIST' && isFile(path) ? 'that is a file; let journal.path name a folder' : messageOf(error);
  const what = `the journal in ${path}: ${why}${sign === '' ? '' : ` (${sign})`}`;
  if (refusals.some((start) => sign.startsWith(start))) {
    const code = isForbidden(path) ? 'journal-unusable' : 'journal-failed';
    return new GatewayError(code, `${what}, as user ${user()}`, { cause: error });
  }
  const code = codes.find(([start]) => sign.startsWith(start))?.[1] ?? 'journal-failed';
  return new GatewayError(code, what, { cause: error });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Whether the folder is none, or this user has no right to it or to what is in it. A folder that is missing and cannot
 * be made does not count: its disk may not be mounted yet. Needs no open file, as those may have run out.
 */
function isForbidden(folder: string): boolean {
  try {
    if (!statSync(folder).isDirectory()) return true;
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const files = [lockPath(folder), databasePath(folder), ...filesBeside(folder)];
    for (const file of files.filter(existsSync)) accessSync(file, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return ['EACCES', 'EPERM', 'ENOTDIR'].includes(systemCode(error));
  }
}

/**
 * Whether a journal that cannot be opened is damaged. Tables that are missing, rows that must not be, a file that ends
 * within a page are, too: what we opened once has them all.
 */
export function isDamage(error: unknown): boolean {
  if (error instanceof GatewayError) return error.code === 'journal-corrupt';
  const signs = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR', 'SQLITE_CONSTRAINT', 'SQLITE_IOERR_SHORT_READ'];
  return signs.some((sign) => systemCode(error).startsWith(sign));
}

/** Whether the disk had no room for it. Nothing was written. */
export function isFull(error: unknown): boolean {
  return systemCode(error).startsWith('SQLITE_FULL');
}

/** Whether another process holds it. */
export function isBusy(error: unknown): boolean {
  return systemCode(error).startsWith('SQLITE_BUSY');
}

/** Whether the disk failed under it. Whether it was written is not known. */
export function isDiskFault(error: unknown): boolean {
  return systemCode(error).startsWith('SQLITE_IOERR');
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

// A container may run under a number that no user has.
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
