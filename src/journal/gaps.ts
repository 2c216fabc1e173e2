import type { Database } from 'better-sqlite3';
import { damaged } from './codec.ts';
import type { GapRecord } from './journal.ts';
import { storedReasons } from './schema.ts';

/** A gap record before it has a number. */
export type Loss = Omit<GapRecord, 'number' | 'destination'>;

type Row = Omit<Loss, 'range' | 'from' | 'to' | 'reason'> & {
  readonly number: number;
  readonly after: number;
  readonly upto: number;
  readonly oldest: number | null;
  readonly newest: number | null;
  readonly reason: number;
};

/** The gap records that destinations, given by their number, have not been told yet. */
export class GapTable {
  readonly #statements: ReturnType<typeof prepare>;
  // A record that was given out may be on its way: it must not grow any more. Nobody knows of those of an earlier life.
  readonly #given: Set<number>;

  constructor(database: Database) {
    this.#statements = prepare(database);
    this.#given = new Set(this.#statements.numbers.all());
  }

  count(destination: number): number {
    return this.#statements.count.get(destination) ?? 0;
  }

  remove(number: number): void {
    this.#statements.remove.run(number);
    this.#given.delete(number);
  }

  /** The records of a destination, oldest first. They will not change any more. */
  give(destination: number, name: string): GapRecord[] {
    const rows = this.#statements.all.all(destination);
    for (const { number } of rows) this.#given.add(number);
    return rows.map((row) => ({ number: row.number, destination: name, ...lossOf(row) }));
  }

  /**
   * Notes a loss: in the newest record where it continues that, else in one of its own; says whether it is a new one.
   * A record that grows takes a new number, so that a number always means the same range.
   */
  note(destination: number, loss: Loss): boolean {
    const newest = this.#statements.newest.get(destination);
    if (newest === undefined || this.#given.has(newest.number) || !continues(lossOf(newest), loss)) {
      this.#add(destination, loss);
      return true;
    }
    this.#statements.remove.run(newest.number);
    this.#add(destination, joined(lossOf(newest), loss));
    return false;
  }

  #add(destination: number, { range, from, to, reason, ...rest }: Loss): void {
    const row = { destination, ...rest, ...range, oldest: from, newest: to, reason: storedReasons.indexOf(reason) };
    this.#statements.insert.run(row);
  }
}

function prepare(database: Database) {
  const columns = 'after, upto, count, oldest, newest, reason, at';
  const select = `SELECT number, ${columns} FROM gap WHERE destination = ?`;
  return {
    newest: database.prepare<[number], Row>(`${select} ORDER BY number DESC LIMIT 1`),
    all: database.prepare<[number], Row>(`${select} ORDER BY number`),
    numbers: database.prepare<[], number>('SELECT number FROM gap').pluck(),
    count: database.prepare<[number], number>('SELECT count(*) FROM gap WHERE destination = ?').pluck(),
    remove: database.prepare<[number]>('DELETE FROM gap WHERE number = ?'),
    insert: database.prepare<[Omit<Row, 'number'> & { destination: number }]>(
      `INSERT INTO gap (destination, ${columns})
       VALUES ($destination, $after, $upto, $count, $oldest, $newest, $reason, $at)`,
    ),
  };
}

function lossOf({ after, upto, count, oldest, newest, reason, at }: Row): Loss {
  const name = storedReasons[reason];
  if (name === undefined) throw damaged(`${reason} is no reason for a gap`);
  return { range: { after, upto }, count, from: oldest, to: newest, reason: name, at };
}

function continues(before: Loss, loss: Loss): boolean {
  return before.reason === loss.reason && before.range.upto === loss.range.after;
}

function joined(before: Loss, loss: Loss): Loss {
  return {
    ...loss,
    range: { after: before.range.after, upto: loss.range.upto },
    count: before.count + loss.count,
    from: extreme(Math.min, before.from, loss.from),
    to: extreme(Math.max, before.to, loss.to),
  };
}

function extreme(choose: (...values: number[]) => number, one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : choose(one, other);
}
