import type { Database } from 'better-sqlite3';
import { addRange, commonRanges, subtractRanges, type Ranges } from '../../model/ranges.ts';
import { intactBody, type BatchRow } from '../batches.ts';
import { clockStates } from '../clock-state.ts';
import { createDecoder } from '../decode.ts';
import type { Facts } from '../quarantine.ts';
import { JOURNAL, storedReasons } from '../schema.ts';
import type { Identity } from './finds.ts';
import type { Context } from './salvage.ts';

type Gap = NonNullable<Facts['destinations']>[number]['gaps'][number];

type Owed = {
  /** What the destination had still to get. */
  readonly ranges: Ranges;
  /** What it had still to be told. */
  readonly gaps: readonly Gap[];
  readonly stored: Ranges;
  /** Wall milliseconds. */
  readonly now: number;
};

const ESTIMATED = clockStates.indexOf('estimated');

/** The journal that is made of what was salvaged. */
export class Books {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #decode = createDecoder();
  readonly #context: Context;
  readonly #boots = new Set<number>();
  readonly #anchors = new Set<number>();

  /** `database` is a new journal's. */
  constructor(database: Database, context: Context) {
    this.#statements = prepare(database);
    this.#context = context;
    for (const { number, id, definition } of context.points.values()) {
      this.#statements.addPoint.run(number, id, definition);
    }
  }

  identify({ gateway, epoch }: Identity): void {
    this.#statements.identify.run(gateway, epoch);
  }

  /** Takes a batch if it is what was stored, and all its points are known; says whether it did. */
  add(row: BatchRow): boolean {
    const columns = this.#read(row);
    if (columns === undefined) return false;
    const { points, times, count } = columns;
    for (let index = 0; index < count; index += 1) if (!this.#context.points.has(points[index] ?? 0)) return false;
    // Its own times say what the anchor was, if that is gone.
    this.#addAnchor(row.anchor, row.oldest - times.subarray(0, count).reduce((one, other) => Math.min(one, other)));
    this.#statements.addBatch.run(row);
    return true;
  }

  #read(row: BatchRow) {
    const body = intactBody(row);
    if (body === undefined) return undefined;
    const columns = this.#decode(body);
    return columns.count === row.count ? columns : undefined;
  }

  #addAnchor(number: number, estimate: number): void {
    if (this.#anchors.has(number)) return;
    const estimated = { number, boot: 0, offset: estimate, state: ESTIMATED, shift: 0, after: 0 };
    const anchor = this.#context.anchors.get(number) ?? estimated;
    this.#addBoot(anchor.boot);
    this.#statements.addAnchor.run(anchor);
    this.#anchors.add(number);
  }

  #addBoot(number: number): void {
    if (this.#boots.has(number)) return;
    const { values = [0, 0, 0, '', 0, 0, 0] } = this.#context.boots.get(number) ?? {};
    this.#statements.addBoot.run(number, ...values);
    this.#boots.add(number);
  }

  /** What is stored. Of batches that overlap, which no journal has, only the first counts. */
  stored(): Ranges {
    let ranges: Ranges = [];
    let end = 0;
    for (const { first, count } of this.#statements.batches.all()) {
      if (first <= end) {
        this.#statements.remove.run(first);
        continue;
      }
      end = first + count - 1;
      ranges = addRange(ranges, { after: first - 1, upto: end });
    }
    return ranges;
  }

  /** Notes for a destination what waits for it, and what it will never get. */
  assign(name: string, { ranges, gaps, stored, now }: Owed): { readonly kept: Ranges; readonly lost: Ranges } {
    const { addDestination, addSpan, addGap } = this.#statements;
    const number = addDestination.get(name) ?? 0;
    const kept = commonRanges(ranges, stored);
    const lost = subtractRanges(ranges, stored);
    for (const { after, upto } of kept) addSpan.run(number, after, upto);
    for (const gap of gaps) addGap.run({ ...gap, number });
    const reason = storedReasons.indexOf('damaged');
    for (const { after, upto } of lost) {
      addGap.run({ number, after, upto, count: upto - after, oldest: null, newest: null, reason, at: now });
    }
    return { kept, lost };
  }

  /** Nothing will be added behind `stored`. */
  close(stored: Ranges): void {
    const { clear, addSpan, unlist } = this.#statements;
    clear.run(JOURNAL);
    for (const { after, upto } of stored) addSpan.run(JOURNAL, after, upto);
    unlist.run(stored.at(-1)?.upto ?? 0);
  }
}

function prepare(database: Database) {
  return {
    identify: database.prepare<[string, string]>('INSERT INTO meta (only, gateway, epoch) VALUES (1, ?, ?)'),
    addPoint: database.prepare<[number, string, string]>('INSERT INTO point (number, id, definition) VALUES (?, ?, ?)'),
    addBoot: database.prepare<[number, ...(string | number)[]]>(
      `INSERT INTO boot (number, started, keep_size, keep_age, host, origin, seen, seen_after)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addAnchor: database.prepare<[object]>(
      `INSERT INTO anchor (number, boot, offset, state, shift, after)
       VALUES ($number, $boot, $offset, $state, $shift, $after)`,
    ),
    addBatch: database.prepare<[BatchRow]>(
      `INSERT OR IGNORE INTO batch (first, count, class, anchor, oldest, newest, encoding, crc, body)
       VALUES ($first, $count, $class, $anchor, $oldest, $newest, $encoding, $crc, $body)`,
    ),
    batches: database.prepare<[], { first: number; count: number }>('SELECT first, count FROM batch ORDER BY first'),
    remove: database.prepare<[number]>('DELETE FROM batch WHERE first = ?'),
    addDestination: database
      .prepare<[string], number>('INSERT INTO destination (name, active) VALUES (?, 1) RETURNING number')
      .pluck(),
    addSpan: database.prepare<[number, number, number]>('INSERT INTO span (owner, after, upto) VALUES (?, ?, ?)'),
    clear: database.prepare<[number]>('DELETE FROM span WHERE owner = ?'),
    addGap: database.prepare<[Gap & { number: number }]>(
      `INSERT INTO gap (destination, after, upto, count, oldest, newest, reason, at)
       VALUES ($number, $after, $upto, $count, $oldest, $newest, $reason, $at)`,
    ),
    unlist: database.prepare<[number]>('UPDATE meta SET unlisted = ?'),
  };
}
