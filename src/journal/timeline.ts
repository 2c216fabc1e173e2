import type { Database } from 'better-sqlite3';
import { TIMES } from './schema.ts';

/** A batch without its body. Times are wall milliseconds. */
export type Head = {
  readonly first: number;
  readonly count: number;
  readonly anchor: number;
  readonly oldest: number;
  readonly newest: number;
};

/**
 * Finds batches by their properties without an index over them, which would cost every commit a page: whatever grows
 * with the sequence is found by halving.
 */
export class Timeline {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** The batch that holds `sequence`, else the next one behind it. */
  at(sequence: number): Head | undefined {
    const head = this.before(sequence);
    return head !== undefined && head.first + head.count > sequence ? head : this.#statements.from.get(sequence);
  }

  /** The newest batch that begins at `sequence` or before it. */
  before(sequence: number): Head | undefined {
    return this.#statements.upto.get(sequence);
  }

  /** The first batch from sequence `from` on for which `isThere` holds; it must hold for all behind it too. */
  first(from: number, isThere: (head: Head) => boolean): Head | undefined {
    let low = from;
    let high = (this.before(Number.MAX_SAFE_INTEGER)?.first ?? 0) + 1;
    let found: Head | undefined;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const head = this.#statements.from.get(middle);
      if (head === undefined || isThere(head)) {
        found = head;
        high = middle;
      } else {
        low = head.first + 1;
      }
    }
    return found;
  }
}

// The columns before the body are on the row's own page: the body's pages are not read.
const HEAD = `SELECT first, count, anchor, ${TIMES} FROM batch`;

function prepare(database: Database) {
  return {
    from: database.prepare<[number], Head>(`${HEAD} WHERE first >= ? ORDER BY first LIMIT 1`),
    upto: database.prepare<[number], Head>(`${HEAD} WHERE first <= ? ORDER BY first DESC LIMIT 1`),
  };
}
