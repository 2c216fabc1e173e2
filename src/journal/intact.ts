import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { GatewayError } from '../model/errors.ts';
import type { TimeService } from '../ops/time-service.ts';
import { readAccounts } from './accounts.ts';
import type { Keep } from './catalogue.ts';
import { damaged } from './codec.ts';
import { checkHeader, databasePath, logPath, openDatabase, openSQLite } from './database.ts';
import { isDamage, isFull, journalFault } from './fault.ts';
import { type OpenedDatabase, useDatabase } from './opened.ts';
import { damageFound, factsOfMark, isSameEpoch, readLog, resume, setAside } from './quarantine.ts';
import type { Facts, Quarantine } from './quarantine.ts';
import { Reserve } from './reserve.ts';
import { readMark, type Mark } from './watermark.ts';

export type StoreSettings = {
  readonly path: string;
  readonly gateway: string;
  readonly keep: Keep;
  /** What is left of a damaged one: nothing is added to it, and should it be damaged in turn it is not set aside. */
  readonly isSalvaged?: boolean;
};

/** What is known of the time when a journal is opened. Milliseconds. */
export type OpeningTime = {
  /** What the host's wall clock says, and our monotonic one. */
  readonly wall: number;
  readonly monotonic: number;
  readonly trusted: boolean;
  readonly service: TimeService;
  readonly host: { readonly id: string; readonly monotonic: number };
};

/** An open journal, and what had to be set aside for it. */
export type IntactJournal = { readonly opened: OpenedDatabase; readonly quarantine: Quarantine | undefined };

/**
 * Opens the journal in a folder whose lock is held. One that is damaged, or older than it should be, is set aside, and a
 * new one made in its place; `at` in wall milliseconds. What was salvaged of one is never set aside: it throws then.
 */
export function openIntact(settings: StoreSettings, at: number): IntactJournal {
  const { path, isSalvaged = false } = settings;
  if (isSalvaged) return { opened: openSound(settings), quarantine: undefined };
  const interrupted = resume(path);
  if (interrupted !== undefined) return { opened: openSound(settings), quarantine: interrupted };
  const log = readLog(path);
  try {
    return { opened: openSound(settings), quarantine: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const quarantine = setAside(path, look(settings, { why: journalFault(error, path).message, at }), log);
    return { opened: openSound(settings), quarantine };
  }
}

function openSound({ path, gateway }: StoreSettings): OpenedDatabase {
  const mark = readMark(path);
  const own = mark?.gateway === gateway ? mark : undefined;
  const found = damageFound(path);
  if (found !== undefined) throw new GatewayError('journal-corrupt', found);
  checkHeader(path, { isOurs: own !== undefined });
  mindMissing(path, own);
  const database = openWith(new Reserve(path), path);
  try {
    const opened = useDatabase(database, path);
    checkCatalogue(opened);
    checkAge(opened, own);
    return opened;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** With a database that is gone SQLite would throw its log away too. */
function mindMissing(folder: string, mark: Mark | undefined): void {
  if (size(databasePath(folder)) > 0) return;
  const isEmpty = mark === undefined || mark.last === 0;
  if (!isEmpty || size(logPath(folder)) > 0) throw damaged('its database is gone, or empty');
}

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Reads what every start needs. */
function checkCatalogue({ catalogue }: OpenedDatabase): void {
  try {
    void catalogue.points;
    void catalogue.anchors;
  } catch (error) {
    throw error instanceof SyntaxError ? damaged(`a point is no JSON: ${error.message}`) : error;
  }
}

/** Whether it has all that was committed: a log that was cut off or removed leaves an older one, as a backup is too. */
function checkAge({ catalogue, batches }: OpenedDatabase, mark: Mark | undefined): void {
  const { epoch } = catalogue;
  if (mark === undefined) {
    if (epoch === '' && batches.last > 0) throw damaged('it does not say whose it is');
    return;
  }
  const isOwn = epoch === mark.epoch && catalogue.gateway === mark.gateway;
  if (!isOwn)
    throw damaged(`it is of ${catalogue.gateway}/${epoch}, but ${mark.gateway}/${mark.epoch} was written last`);
  if (batches.last >= mark.last) return;
  throw damaged(
    `it ends with sequence ${batches.last}, but ${mark.last} was committed: its end was cut off, or it is a copy of an earlier day`,
  );
}

/** Finds out what it can about a damaged journal. */
function look(settings: StoreSettings, { why, at }: { readonly why: string; readonly at: number }): Facts {
  const { path, gateway } = settings;
  const known = factsOfMark(path, { why, at, gateway });
  let database: Database | undefined;
  try {
    database = openSQLite(databasePath(path), { fileMustExist: true });
    const { epoch, last, destinations, ...of } = readAccounts(database);
    if (known.epoch === null ? of.gateway !== gateway : !isSameEpoch(known.epoch, epoch)) return known;
    return { ...known, epoch: known.epoch ?? epoch, last: Math.max(last, known.last), destinations };
  } catch {
    return known;
  } finally {
    database?.close();
  }
}

/** Opens the database; where a new schema finds no room on a full disk, with that of the reserve. */
function openWith(reserve: Reserve, path: string): Database {
  try {
    return openDatabase(path);
  } catch (error) {
    if (!isFull(error)) throw error;
    reserve.release();
  }
  const database = openDatabase(path);
  database.pragma('wal_checkpoint(TRUNCATE)'); // the first attempt may have come as far as the log
  return database;
}
