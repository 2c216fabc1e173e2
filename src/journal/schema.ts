import type { Database } from 'better-sqlite3';
import { readingClasses } from '../model/point.ts';
import { clockStates } from './clock-state.ts';
import type { GapReason } from './journal.ts';

/** "Weir" in ASCII; `file` and other tools know the journal by it. */
export const APPLICATION_ID = 0x57656972;

/** Stands for Infinity in a span that has no end yet. */
export const ENDLESS = Number.MAX_SAFE_INTEGER;

/** Owner of the spans that are still stored; the others belong to destinations, which count from 1. */
export const JOURNAL = 0;

/** The times of a batch as columns of a query, by what is known of them now. */
export const TIMES = ['oldest', 'newest']
  .map((time) => `${time} + coalesce((SELECT shift FROM anchor WHERE anchor.number = batch.anchor), 0) AS ${time}`)
  .join(', ');

/** Classes, clock states, reasons and encodings are stored as their index: never reorder, only append. */
export const storedClasses = readingClasses;
export const storedStates = clockStates;
export const storedReasons = [
  'size',
  'age',
  'before-destination',
  'no-longer-kept',
  'damaged',
] as const satisfies GapReason[];
export const storedEncodings = ['plain', 'zstd'] as const;

// `batch` has no foreign key to `anchor`: pruning anchors would search every batch for each.
// The index on its class finds the oldest of a class at once; it costs one page a commit.
const migrations: readonly string[] = [
  `CREATE TABLE meta (only INTEGER PRIMARY KEY CHECK (only = 1), gateway TEXT NOT NULL, epoch TEXT NOT NULL) STRICT;
   CREATE TABLE point (number INTEGER PRIMARY KEY, id TEXT NOT NULL, definition TEXT NOT NULL) STRICT;
   CREATE INDEX point_id ON point (id);
   CREATE TABLE boot (number INTEGER PRIMARY KEY, started INTEGER NOT NULL, keep_size INTEGER NOT NULL,
     keep_age INTEGER NOT NULL) STRICT;
   CREATE TABLE anchor (number INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, offset REAL NOT NULL,
     state INTEGER NOT NULL) STRICT;
   CREATE TABLE batch (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, class INTEGER NOT NULL,
     anchor INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL, encoding INTEGER NOT NULL,
     crc INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
   CREATE INDEX batch_class ON batch (class);
   CREATE TABLE destination (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, active INTEGER NOT NULL) STRICT;
   CREATE TABLE span (owner INTEGER NOT NULL, after INTEGER NOT NULL, upto INTEGER NOT NULL,
     PRIMARY KEY (owner, after)) STRICT, WITHOUT ROWID;
   CREATE TABLE gap (number INTEGER PRIMARY KEY AUTOINCREMENT, destination INTEGER NOT NULL REFERENCES destination,
     after INTEGER NOT NULL, upto INTEGER NOT NULL, count INTEGER NOT NULL, oldest INTEGER, newest INTEGER,
     reason INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
   CREATE INDEX gap_destination ON gap (destination);
   INSERT INTO span (owner, after, upto) VALUES (${JOURNAL}, 0, ${ENDLESS});
   PRAGMA application_id = ${APPLICATION_ID};`,
  // An anchor's `shift` is what corrections have added to its offset since its batches were sealed, whose times they so
  // need not touch; it begins behind the sequence `after`. Of a boot, which life of the host it was in, what the host's
  // monotonic clock said when ours was zero, and the last time that was known in it, noted behind `seen_after`.
  // `historic` has the batches whose readings tell of an earlier time than that at which they came, and which: in
  // batches up to `unlisted` they have to be looked for.
  `ALTER TABLE anchor ADD COLUMN shift REAL NOT NULL DEFAULT 0;
   ALTER TABLE anchor ADD COLUMN after INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE boot ADD COLUMN host TEXT NOT NULL DEFAULT '';
   ALTER TABLE boot ADD COLUMN origin REAL NOT NULL DEFAULT 0;
   ALTER TABLE boot ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE boot ADD COLUMN seen_after INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE correction (number INTEGER PRIMARY KEY AUTOINCREMENT, destination INTEGER NOT NULL REFERENCES destination,
     after INTEGER NOT NULL, upto INTEGER NOT NULL, shift REAL NOT NULL, state INTEGER NOT NULL) STRICT;
   CREATE INDEX correction_destination ON correction (destination);
   CREATE TABLE historic (first INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL) STRICT;
   ALTER TABLE meta ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0;
   UPDATE meta SET unlisted = coalesce((SELECT first + count - 1 FROM batch ORDER BY first DESC LIMIT 1), 0);`,
];

/** Version of a journal that this release writes. */
export const SCHEMA_VERSION = migrations.length;

/** Brings the schema to `SCHEMA_VERSION`: each step whole or not at all. */
export function migrate(database: Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version === SCHEMA_VERSION) return;
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => database.exec(`${migration} PRAGMA user_version = ${index + 1}`)).immediate();
  }
  // An older release must find the new version in the file's header, before it looks into the log.
  database.pragma('wal_checkpoint(TRUNCATE)');
}
