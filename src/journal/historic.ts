import type { Database } from 'better-sqlite3';

/** A stretch of wall time in milliseconds, both ends included. */
export type Span = { readonly from: number; readonly to: number };

/**
 * The batches that hold readings of an earlier time than that at which they came, read from a device's own memory. There
 * are none in most commits, which therefore pay nothing for it.
 */
export class HistoricTable {
  readonly #statements: ReturnType<typeof prepare>;
  /** In batches up to this sequence, of older releases, such readings are not noted: they have to be looked for. */
  readonly unlisted: number;

  constructor(database: Database) {
    this.#statements = prepare(database);
    this.unlisted = this.#statements.unlisted.get() ?? 0;
  }

  note(first: number, { from, to }: Span): void {
    this.#statements.insert.run(first, Math.floor(from), Math.ceil(to));
  }

  remove(first: number): void {
    this.#statements.remove.run(first);
  }

  /** The first sequence of the next batch from `first` on, or of the one before it, that tells of `span`. */
  next(first: number, { from, to }: Span): number | undefined {
    return this.#statements.next.get(first, to, from);
  }

  previous(first: number, { from, to }: Span): number | undefined {
    return this.#statements.previous.get(first, to, from);
  }
}

function prepare(database: Database) {
  const told = 'AND oldest <= ? AND newest >= ? ORDER BY first';
  return {
    insert: database.prepare<[number, number, number]>('INSERT INTO historic (first, oldest, newest) VALUES (?, ?, ?)'),
    remove: database.prepare<[number]>('DELETE FROM historic WHERE first = ?'),
    next: database
      .prepare<[number, number, number], number>(`SELECT first FROM historic WHERE first >= ? ${told} LIMIT 1`)
      .pluck(),
    previous: database
      .prepare<[number, number, number], number>(`SELECT first FROM historic WHERE first <= ? ${told} DESC LIMIT 1`)
      .pluck(),
    unlisted: database.prepare<[], number>('SELECT unlisted FROM meta').pluck(),
  };
}
