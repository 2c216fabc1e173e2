import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { databasePath, logPath } from './database.ts';

// Free pages that the next commits will use again; more are given back to the file system.
const SPARE_PAGES = 256;
const PAGES_A_STEP = 256;

/** Disk space of the journal in `folder`, in bytes. Cheap enough to be asked after every commit. */
export function space(database: Database, folder: string) {
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  const pages = database.prepare<[], number>('PRAGMA page_count').pluck();
  const free = database.prepare<[], number>('PRAGMA freelist_count').pluck();
  const freePages = (): number => free.get() ?? 0;
  return {
    /** Pages in use, and the log. */
    used: (): number => ((pages.get() ?? 0) - freePages()) * pageSize + fileSize(logPath(folder)),
    /** Free pages inside the database. */
    free: (): number => freePages() * pageSize,
    files: (): number => fileSize(databasePath(folder)) + fileSize(logPath(folder)),
    /** Gives some free pages back to the file system; says whether there are more to give. */
    shrink(): boolean {
      const surplus = freePages() - SPARE_PAGES;
      if (surplus <= 0) return false;
      database.pragma(`incremental_vacuum(${Math.min(surplus, PAGES_A_STEP)})`);
      return surplus > PAGES_A_STEP;
    },
  };
}

export type Space = ReturnType<typeof space>;

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
