import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isoTime } from '../model/clock.ts';
import { databasePath, filesBeside, logPath } from './database.ts';
import { syncFolder } from './folder.ts';
import type { DamagedJournal } from './journal.ts';
import { Reserve } from './reserve.ts';
import { readMark, watermarkPath } from './watermark.ts';

// A damaged journal is set aside as it is, all its files together, in a folder of its own below the journal's:
//
//   damaged/2026-11-30T09-15-01.204Z/   journal.db, -wal, -shm, watermark: as they were found
//                                       facts.json: why, and what was known of them; the last thing to get its name
//                                       salvaged/: what could be read of them, a journal of their epoch, until delivered
//                                       delivered: nothing is left to be sent of it

const ranges = z.array(z.object({ after: z.int(), upto: z.int() }));

const gap = z.object({
  after: z.int(),
  upto: z.int(),
  count: z.int(),
  oldest: z.int().nullable(),
  newest: z.int().nullable(),
  reason: z.int(),
  at: z.int(),
});

const factsSchema = z.object({
  /** What was wrong, for people. */
  why: z.string(),
  /** When it was found, ISO 8601. */
  at: z.string(),
  gateway: z.string(),
  /** As far as the database or the watermark could tell; null where neither could. */
  epoch: z.string().nullable(),
  /** The newest sequence that is known to have been given. */
  last: z.int(),
  /** What each destination had still to get; null where that could not be read: then it is everything. */
  destinations: z.array(z.object({ name: z.string(), pending: ranges, gaps: z.array(gap) })).nullable(),
});

export type Facts = z.infer<typeof factsSchema>;

/** A journal that was set aside. */
export type Quarantine = { readonly folder: string; readonly facts: Facts };

// SQLite keeps its log far smaller.
const LARGEST_LOG = 64 * 1_048_576;

const FACTS = 'facts.json';
const UNFINISHED = 'facts.new';
const DELIVERED = 'delivered';

function damagedPath(folder: string): string {
  return join(folder, 'damaged');
}

/** Notes, for the next opening, that the journal in `folder` was found to be damaged while it was in use. */
export function markDamaged(folder: string, why: string): void {
  try {
    writeDurably(suspectPath(folder), why);
  } catch {
    // The next opening, or the next read, finds it again.
  }
}

/** Why the journal was found to be damaged while it was in use; undefined where it was not. */
export function damageFound(folder: string): string | undefined {
  const path = suspectPath(folder);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function suspectPath(folder: string): string {
  return join(folder, 'suspect');
}

/**
 * Sets the journal's files aside; the folder is then as before the first start. `log` is what `readLog` gave before anybody
 * opened the database. A power cut in the midst of it is made up for by `resume`.
 */
export function setAside(folder: string, facts: Facts, log: Uint8Array | undefined): Quarantine {
  new Reserve(folder).release(); // on a full disk there would be no room for this
  const target = makeTarget(folder, facts.at);
  writeDurably(join(target, UNFINISHED), JSON.stringify(facts));
  keepLog(target, log);
  return move(folder, target, facts);
}

/** Ends what a power cut has interrupted; undefined where there is no such thing. */
export function resume(folder: string): Quarantine | undefined {
  const target = foldersIn(folder).find((each) => !existsSync(join(each, FACTS)));
  if (target === undefined) return undefined;
  const facts = readFacts(join(target, UNFINISHED));
  if (facts !== undefined) return move(folder, target, facts);
  rmSync(target, { recursive: true }); // nothing had been moved yet
  return undefined;
}

/** All that were set aside in `folder`, oldest first. */
export function quarantines(folder: string): readonly Quarantine[] {
  return foldersIn(folder).flatMap((each) => {
    const facts = readFacts(join(each, FACTS));
    return facts === undefined ? [] : [{ folder: each, facts }];
  });
}

export function damagedJournal({ folder, facts: { at, why, epoch } }: Quarantine): DamagedJournal {
  return { folder, at, why, epoch, isDelivered: existsSync(join(folder, DELIVERED)) };
}

/** Notes that nothing of it waits for anybody any more. */
export function markDelivered({ folder }: Quarantine): void {
  writeDurably(join(folder, DELIVERED), '');
  syncFolder(folder);
}

/** What can be told of the files in `folder` without opening them. */
export function factsOfMark(
  folder: string,
  { why, at, gateway }: Pick<Facts, 'why' | 'gateway'> & { at: number },
): Facts {
  const mark = readMark(folder);
  const own = mark?.gateway === gateway ? mark : undefined;
  return { why, at: isoTime(at), gateway, epoch: own?.epoch ?? null, last: own?.last ?? 0, destinations: null };
}

/** Whether it is the same epoch, perhaps with a bit or two that have turned: two that were drawn differ in nearly all. */
export function isSameEpoch(one: string, other: string): boolean {
  const differing = one.split('').filter((digit, index) => digit !== other[index]);
  return one.length === other.length && differing.length <= 2;
}

/** The log of a journal that was not closed; undefined where there is none, or too much of it. */
export function readLog(folder: string): Uint8Array | undefined {
  const path = logPath(folder);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && size <= LARGEST_LOG ? readFileSync(path) : undefined;
}

/** SQLite removes a log, or the part of it behind the damage, where more might be read. */
function keepLog(target: string, log: Uint8Array | undefined): void {
  try {
    if (log !== undefined) writeDurably(logPath(target), log);
  } catch {
    rmSync(logPath(target), { force: true }); // no room: then what SQLite has left of it
  }
}

function makeTarget(folder: string, at: string): string {
  const parent = damagedPath(folder);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const name = at.replaceAll(':', '-');
  for (let attempt = 0; ; attempt += 1) {
    const target = join(parent, attempt === 0 ? name : `${name}-${attempt}`);
    if (existsSync(target)) continue;
    mkdirSync(target, { mode: 0o700 });
    syncFolder(parent);
    syncFolder(folder);
    return target;
  }
}

function move(folder: string, target: string, facts: Facts): Quarantine {
  const files = [databasePath, ...[0, 1].map((index) => (of: string) => filesBeside(of)[index] ?? ''), watermarkPath];
  for (const path of files) {
    if (existsSync(path(target))) rmSync(path(folder), { force: true });
    else if (existsSync(path(folder))) renameSync(path(folder), path(target));
  }
  rmSync(suspectPath(folder), { force: true });
  syncFolder(folder);
  renameSync(join(target, UNFINISHED), join(target, FACTS));
  syncFolder(target);
  return { folder: target, facts };
}

function foldersIn(folder: string): readonly string[] {
  const parent = damagedPath(folder);
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name))
    .toSorted();
}

function readFacts(path: string): Facts | undefined {
  try {
    return factsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
