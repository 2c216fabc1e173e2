import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { databasePath, logPath } from './database.ts';

// Free pages that the next commits will use again; more are given back to the file system.
const SPARE_PAGES = 256;
const PAGES_A_STEP = 256;

/** Disk space of the journal in `folder`, in bytes. Cheap enough to be asked after every commit. */
export function space(database: Database, folder: string) {
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  const count = database.prepare<[], number>('PRAGMA page_count').pluck();
  const countFree = database.prepare<[], number>('PRAGMA freelist_count').pluck();
  const pages = (): number => count.get() ?? 0;
  const freePages = (): number => countFree.get() ?? 0;
  const file = databasePath(folder);
  const log = logPath(folder);
  return {
    /** Pages in use, and the log. */
    used: (): number => (pages() - freePages()) * pageSize + fileSize(log),
    /** Free pages inside the database. */
    free: (): number => freePages() * pageSize,
    files: (): number => fileSize(file) + fileSize(log),
    /** The database's file is longer than its pages: the next checkpoint cuts it. */
    isLong: (): boolean => fileSize(file) > pages() * pageSize,
    /** Takes free pages out of the database; says whether there are more to take. */
    shrink(): boolean {
      const surplus = freePages() - SPARE_PAGES;
      if (surplus <= 0) return false;
      // It yields a row without columns for every page: only `exec` steps through all of them.
      database.exec(`PRAGMA incremental_vacuum(${Math.min(surplus, PAGES_A_STEP)})`);
      return surplus > PAGES_A_STEP;
    },
    /** Empties the log into the database, if that goes: what it holds is safe in either. */
    checkpoint(): void {
      try {
        database.pragma('wal_checkpoint(TRUNCATE)');
      } catch {
        // As with SQLite's own checkpoints, a later one will do it.
      }
    },
  };
}

export type Space = ReturnType<typeof space>;

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
