import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { GatewayError } from '../model/errors.ts';
import type { ReadingClass } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import { corrupt } from './codec.ts';
import type { HistoricTable } from './historic.ts';
import type { CommittedBatch, SealedBatch } from './journal.ts';
import { storedClasses, storedEncodings, TIMES } from './schema.ts';

/** As it is stored; see schema.ts. */
export type BatchRow = {
  readonly first: number;
  readonly count: number;
  readonly class: number;
  readonly anchor: number;
  readonly oldest: number;
  readonly newest: number;
  readonly encoding: number;
  readonly crc: number;
  readonly body: Uint8Array;
};

/** What retention needs to know of a batch that it may drop. Times are wall milliseconds. */
export type Victim = Pick<BatchRow, 'first' | 'count' | 'oldest' | 'newest'>;

/** A batch that is not what was stored; all others may be sound. */
export class DamagedBatch extends GatewayError {
  readonly batch: Victim;

  constructor(batch: Victim) {
    const { first, count } = batch;
    super(
      'journal-corrupt',
      corrupt(`the checksum of sequences ${first}..${first + count - 1} does not match`).message,
    );
    this.batch = batch;
  }
}

// Smaller batches would pay more for the compressor's start than its result is worth.
const FEWEST_TO_COMPRESS = 1_000;
const FAST = { [constants.ZSTD_c_compressionLevel]: 1 };
// It must save a tenth to be worth the decompression.
const WORTHWHILE = 0.9;
// No batch is nearly as large; what claims to be is damaged.
const LARGEST_BODY = 64 * 1_048_576;

const ROW = `SELECT first, count, class, anchor, ${TIMES}, encoding, crc, body FROM batch`;
const VICTIM = `SELECT first, count, ${TIMES} FROM batch`;

/** The rows of the table `batch`. */
export class BatchTable {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #historic: HistoricTable;
  // Counting reads a whole index, so it is done once.
  #count: number | undefined;

  constructor(database: Database, historic: HistoricTable) {
    this.#statements = prepare(database);
    this.#historic = historic;
  }

  insert(batch: SealedBatch, first: number): void {
    this.#statements.insert.run(toRow(batch, first));
    if (batch.historic !== undefined) this.#historic.note(first, batch.historic);
    if (this.#count !== undefined) this.#count += 1;
  }

  /** The batch that holds `sequence`, else the next one behind it; decompressed. Throws `DamagedBatch`. */
  next(sequence: number): CommittedBatch | undefined {
    const { upto, behind } = this.#statements;
    const row = upto.get(sequence);
    const found = row !== undefined && row.first + row.count > sequence ? row : behind.get(sequence);
    return found && fromRow(found);
  }

  remove(first: number): void {
    this.#statements.remove.run(first);
    this.#historic.remove(first);
    if (this.#count !== undefined) this.#count -= 1;
  }

  get count(): number {
    this.#count ??= this.#statements.count.get() ?? 0;
    return this.#count;
  }

  /** To be called after a rollback. */
  recount(): void {
    this.#count = undefined;
  }

  get oldest(): Victim | undefined {
    return this.#statements.oldest.get();
  }

  get newest(): Victim | undefined {
    return this.#statements.newest.get();
  }

  /** Newest sequence ever given; 0 before the first. */
  get last(): number {
    return this.#statements.last.get() ?? 0;
  }

  // The newest batch holds the last sequence, from which the next ones count on: it is never a victim.

  /** The oldest batches that lie wholly in `range`. */
  within(range: Range, most: number): readonly Victim[] {
    return this.#statements.within.all({ ...range, most });
  }

  /** The oldest batches of a class. */
  ofClass(name: ReadingClass, most: number): readonly Victim[] {
    return this.#statements.ofClass.all(storedClasses.indexOf(name), most);
  }

  /** The oldest batches, as far as they end before `limit` in wall milliseconds. */
  olderThan(limit: number, most: number): readonly Victim[] {
    const victims = this.#statements.head.all(most);
    const young = victims.findIndex(({ newest }) => newest >= limit);
    return young === -1 ? victims : victims.slice(0, young);
  }
}

// Prepared once: an insert costs microseconds.
function prepare(database: Database) {
  const notNewest = 'first < (SELECT max(first) FROM batch)';
  return {
    insert: database.prepare<[BatchRow]>(
      `INSERT INTO batch (first, count, class, anchor, oldest, newest, encoding, crc, body)
       VALUES ($first, $count, $class, $anchor, $oldest, $newest, $encoding, $crc, $body)`,
    ),
    remove: database.prepare<[number]>('DELETE FROM batch WHERE first = ?'),
    upto: database.prepare<[number], BatchRow>(`${ROW} WHERE first <= ? ORDER BY first DESC LIMIT 1`),
    behind: database.prepare<[number], BatchRow>(`${ROW} WHERE first > ? ORDER BY first LIMIT 1`),
    oldest: database.prepare<[], Victim>(`${VICTIM} ORDER BY first LIMIT 1`),
    newest: database.prepare<[], Victim>(`${VICTIM} ORDER BY first DESC LIMIT 1`),
    last: database.prepare<[], number>('SELECT first + count - 1 FROM batch ORDER BY first DESC LIMIT 1').pluck(),
    count: database.prepare<[], number>('SELECT count(*) FROM batch').pluck(),
    within: database.prepare<[Range & { most: number }], Victim>(
      `${VICTIM} WHERE first > $after AND first <= $upto AND first + count - 1 <= $upto AND ${notNewest}
       ORDER BY first LIMIT $most`,
    ),
    ofClass: database.prepare<[number, number], Victim>(
      `${VICTIM} WHERE class = ? AND ${notNewest} ORDER BY first LIMIT ?`,
    ),
    head: database.prepare<[number], Victim>(`${VICTIM} WHERE ${notNewest} ORDER BY first LIMIT ?`),
  };
}

function toRow(batch: SealedBatch, first: number): BatchRow {
  const { count, anchor, from: oldest, to: newest } = batch;
  const packed = { first, count, ...pack(batch) };
  return { ...packed, class: storedClasses.indexOf(batch.class), anchor, oldest, newest, crc: checksum(packed) };
}

function pack({ count, body }: SealedBatch): { encoding: number; body: Uint8Array } {
  const plain = { encoding: storedEncodings.indexOf('plain'), body };
  if (count < FEWEST_TO_COMPRESS) return plain;
  const compressed = zstdCompressSync(body, { params: FAST, pledgedSrcSize: body.length });
  if (compressed.length > WORTHWHILE * body.length) return plain;
  return { encoding: storedEncodings.indexOf('zstd'), body: compressed };
}

/** The bytes of a stored batch, as they were sealed; undefined where they, or their place, are not what was stored. */
export function intactBody(row: BatchRow): Uint8Array | undefined {
  const isKnown = storedClasses[row.class] !== undefined && storedEncodings[row.encoding] !== undefined;
  return isKnown && checksum(row) === row.crc ? unpack(row) : undefined;
}

function fromRow(row: BatchRow): CommittedBatch {
  const { first, count, anchor, oldest: from, newest: to } = row;
  const name = storedClasses[row.class];
  if (checksum(row) !== row.crc || name === undefined) {
    throw new DamagedBatch({ first, count, oldest: from, newest: to });
  }
  return { first, count, anchor, from, to, class: name, body: unpack(row) };
}

function unpack({ encoding, body }: BatchRow): Uint8Array {
  const name = storedEncodings[encoding];
  if (name === undefined) throw corrupt(`${encoding} is no known encoding`);
  return name === 'plain' ? body : zstdDecompressSync(body, { maxOutputLength: LARGEST_BODY });
}

const sealed = Buffer.alloc(16);

/** Binds the bytes to their place: a body under a foreign sequence is as wrong as a damaged one. */
function checksum({ first, count, encoding, body }: Pick<BatchRow, 'first' | 'count' | 'encoding' | 'body'>): number {
  sealed.writeDoubleLE(first, 0);
  sealed.writeUInt32LE(count, 8);
  sealed.writeUInt32LE(encoding, 12);
  return crc32(body, crc32(sealed));
}
