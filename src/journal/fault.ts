import { userInfo } from 'node:os';
import { type ErrorCode, GatewayError, messageOf } from '../model/errors.ts';

// SQLite's result codes and the system's errors, by how they begin.
const codes: readonly (readonly [start: string, code: ErrorCode])[] = [
  ['SQLITE_FULL', 'journal-full'],
  ['ENOSPC', 'journal-full'],
  ['EDQUOT', 'journal-full'],
  ['SQLITE_BUSY', 'journal-locked'],
  ['SQLITE_CORRUPT', 'journal-corrupt'],
  ['SQLITE_NOTADB', 'journal-corrupt'],
  ['SQLITE_CANTOPEN', 'journal-unusable'],
  ['SQLITE_READONLY', 'journal-unusable'],
  ['SQLITE_PERM', 'journal-unusable'],
  ['EACCES', 'journal-unusable'],
  ['EPERM', 'journal-unusable'],
  ['EROFS', 'journal-unusable'],
  ['ENOTDIR', 'journal-unusable'],
  ['EEXIST', 'journal-unusable'],
];

/** What went wrong with the journal in `path`, under our own code; `journal-failed` when it is nothing we know. */
export function journalFault(error: unknown, path: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const sign = systemCode(error);
  const code = codes.find(([start]) => sign.startsWith(start))?.[1] ?? 'journal-failed';
  const what = `the journal in ${path}: ${messageOf(error)}${sign === '' ? '' : ` (${sign})`}`;
  const message = code === 'journal-unusable' ? `${what}, as user ${user()}` : what;
  return new GatewayError(code, message, { cause: error });
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
