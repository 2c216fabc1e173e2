import type { Database } from 'better-sqlite3';
import { clipRanges, countRanges } from '../model/ranges.ts';
import { BatchTable } from './batches.ts';
import { Catalogue } from './catalogue.ts';
import { HistoricTable } from './historic.ts';
import type { JournalStatus } from './journal.ts';
import { Ledger } from './ledger.ts';
import type { Progress } from './progress.ts';
import { damagedJournal, quarantines } from './quarantine.ts';
import { type Space, space } from './space.ts';
import { Timeline } from './timeline.ts';

/** A journal's open database and what works on it. */
export type OpenedDatabase = {
  readonly path: string;
  readonly database: Database;
  /** Runs `work` as one transaction; nothing of it stays when it throws. */
  readonly transact: <T>(work: () => T) => T;
  readonly batches: BatchTable;
  readonly timeline: Timeline;
  readonly historic: HistoricTable;
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly space: Space;
};

/** Sets up what works on `database`, the journal of the folder `path`; nothing is written by that. */
export function useDatabase(database: Database, path: string): OpenedDatabase {
  const historic = new HistoricTable(database);
  return {
    path,
    database,
    transact: transactions(database),
    batches: new BatchTable(database, historic),
    timeline: new Timeline(database),
    historic,
    catalogue: new Catalogue(database),
    ledger: new Ledger(database),
    space: space(database, path),
  };
}

// As better-sqlite3's own, but prepared once: that takes as long as a small transaction.
function transactions(database: Database): OpenedDatabase['transact'] {
  const begin = database.prepare<[]>('BEGIN IMMEDIATE');
  const commit = database.prepare<[]>('COMMIT');
  const rollback = database.prepare<[]>('ROLLBACK');
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } finally {
      if (database.inTransaction) rollback.run();
    }
  };
}

/** How the journal stands, with the progress that its database does not hold yet. */
export function statusOf(
  { path, batches, catalogue, ledger, space: disk }: OpenedDatabase,
  progress: Progress,
): JournalStatus {
  const { oldest, last } = batches;
  return {
    path,
    epoch: catalogue.epoch,
    oldest: oldest?.first ?? last + 1,
    last,
    batches: batches.count,
    usedBytes: disk.used(),
    fileBytes: disk.files(),
    keep: catalogue.keep,
    oldestTime: oldest?.oldest ?? null,
    damaged: quarantines(path).map(damagedJournal),
    destinations: ledger.destinations.map((name) => ({
      name,
      pending: countRanges(clipRanges(ledger.pending(name, progress), { after: 0, upto: last })),
      gaps: ledger.countGaps(name),
    })),
  };
}
