import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { addRange, clipRanges, commonRanges, countRanges, type Ranges } from '../../model/ranges.ts';
import { openDatabase } from '../database.ts';
import { syncFolder } from '../folder.ts';
import type { Facts, Quarantine } from '../quarantine.ts';
import { isSameEpoch } from '../quarantine.ts';
import { Books } from './books.ts';
import { anchorIn, batchIn, bootIn, identityIn, pointIn } from './finds.ts';
import type { AnchorRow, BootRow, Identity, PointRow } from './finds.ts';
import { Pages } from './pages.ts';
import { rowsOf, type Row } from './records.ts';

// What can be read of a damaged journal becomes a journal of its own, of the same epoch: every batch whose checksum is
// right, wherever it lies in the files, under the sequences that it had; for each destination what of them it had still
// to get; and of what it had to get and is not there, a gap record.

export type SalvageOrder = {
  readonly quarantine: Quarantine;
  /** The destinations of the configuration. */
  readonly destinations: readonly string[];
  /** Wall milliseconds. */
  readonly now: number;
};

export type Salvaged = {
  /** Null where nothing says what it was: nothing can be delivered then. */
  readonly epoch: string | null;
  /** Readings that somebody waits for: that are there, and that are not. */
  readonly readings: number;
  readonly lost: number;
};

export function salvagedPath({ folder }: Quarantine): string {
  return join(folder, 'salvaged');
}

/** Salvages into `salvagedPath`, which appears as a whole. */
export function salvage({ quarantine, destinations, now }: SalvageOrder): Salvaged {
  const { folder, facts } = quarantine;
  using pages = new Pages(folder);
  const context = contextIn(rowsIn(pages));
  const { isOwn, epoch } = identityOf(facts, context.identities);
  if (epoch === null) return { epoch, readings: 0, lost: 0 };
  const unfinished = join(folder, 'salvaged.new');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const owed = owedOf(facts, destinations);
  const database = openDatabase(unfinished);
  try {
    const books = new Books(database, context);
    books.identify({ gateway: facts.gateway, epoch });
    if (isOwn) fill(database, books, { rows: rowsIn(pages), wanted: owed.flatMap(({ pending }) => pending) });
    const result = settle(books, { owed, last: facts.last, now });
    database.close();
    renameSync(unfinished, salvagedPath(quarantine));
    syncFolder(folder);
    return { epoch, ...result };
  } finally {
    database.close();
  }
}

/** Who is not known there, where perhaps the end is missing, has got nothing yet. */
function owedOf({ destinations: known }: Facts, names: readonly string[]): NonNullable<Facts['destinations']> {
  const others = names.filter((name) => !known?.some((destination) => destination.name === name));
  return [...(known ?? []), ...others.map((name) => ({ name, pending: [EVERYTHING], gaps: [] }))];
}

const EVERYTHING = { after: 0, upto: Number.MAX_SAFE_INTEGER };

/** What the batches refer to. */
export type Context = {
  readonly identities: readonly Identity[];
  readonly points: ReadonlyMap<number, PointRow>;
  readonly boots: ReadonlyMap<number, BootRow>;
  readonly anchors: ReadonlyMap<number, AnchorRow>;
};

function* rowsIn(pages: Pages): Generator<Row> {
  for (const image of pages.images()) yield* rowsOf(Buffer.from(image), pages.layers);
}

function contextIn(rows: Iterable<Row>): Context {
  const context = {
    identities: new Array<Identity>(),
    points: new Map<number, PointRow>(),
    boots: new Map<number, BootRow>(),
    anchors: new Map<number, AnchorRow>(),
  };
  for (const row of rows) {
    const identity = identityIn(row);
    if (identity !== undefined) context.identities.push(identity);
    else {
      // The newest come first.
      note(context.points, pointIn(row));
      note(context.boots, bootIn(row));
      note(context.anchors, anchorIn(row));
    }
  }
  return context;
}

function note<T extends { readonly number: number }>(known: Map<number, T>, found: T | undefined): void {
  if (found !== undefined && !known.has(found.number)) known.set(found.number, found);
}

/** The epoch that was lost, and whether the batches in the files are of it: they may be a copy of another day's. */
function identityOf(
  facts: Facts,
  found: readonly Identity[],
): { readonly epoch: string | null; readonly isOwn: boolean } {
  const own = found.find(({ gateway }) => gateway === facts.gateway);
  const epoch = facts.epoch ?? own?.epoch ?? null;
  return { epoch, isOwn: found.length === 0 || found.some((each) => isSameEpoch(each.epoch, epoch ?? '')) };
}

// Batches a transaction; one for all would fill the log.
const STEP = 500;

function fill(
  database: Database,
  books: Books,
  { rows, wanted }: { readonly rows: Iterable<Row>; readonly wanted: Ranges },
): void {
  const all = wanted.reduce<Ranges>(addRange, []);
  database.exec('BEGIN');
  let count = 0;
  for (const row of rows) {
    const batch = batchIn(row);
    if (batch === undefined) continue;
    const range = { after: batch.first - 1, upto: batch.first + batch.count - 1 };
    if (clipRanges(all, range).length === 0 || !books.add(batch)) continue;
    count += 1;
    if (count % STEP === 0) database.exec('COMMIT; BEGIN');
  }
  database.exec('COMMIT');
}

type Settling = { readonly owed: NonNullable<Facts['destinations']>; readonly last: number; readonly now: number };

function settle(books: Books, { owed, last, now }: Settling): Pick<Salvaged, 'readings' | 'lost'> {
  const stored = books.stored();
  const end = Math.max(last, stored.at(-1)?.upto ?? 0);
  let readable: Ranges = [];
  let gone: Ranges = [];
  for (const { name, pending, gaps } of owed) {
    const ranges = clipRanges(pending, { after: 0, upto: end });
    const result = books.assign(name, { ranges, gaps, stored, now });
    readable = result.kept.reduce(addRange, readable);
    gone = result.lost.reduce(addRange, gone);
  }
  books.close(stored);
  return { readings: countRanges(commonRanges(readable, stored)), lost: countRanges(gone) };
}
