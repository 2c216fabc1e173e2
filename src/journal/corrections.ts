import type { Database } from 'better-sqlite3';
import type { Improvement } from './catalogue.ts';
import { damaged } from './codec.ts';
import type { ClockState, CorrectionRecord } from './journal.ts';
import { storedStates } from './schema.ts';

type Row = Pick<CorrectionRecord, 'number' | 'shift'> & {
  readonly after: number;
  readonly upto: number;
  readonly state: number;
};

/** The corrections of the clock that destinations, given by their number, have not been told yet. */
export class CorrectionTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  note(destination: number, { shift, range }: Improvement, state: ClockState): void {
    this.#statements.insert.run({ destination, shift, ...range, state: storedStates.indexOf(state) });
  }

  /** Those of a destination, oldest first. */
  of(destination: number, name: string): CorrectionRecord[] {
    return this.#statements.all.all(destination).map(({ number, after, upto, shift, state }) => {
      const clock = storedStates[state];
      if (clock === undefined) throw damaged(`${state} is no clock state`);
      return { number, destination: name, range: { after, upto }, shift, clock };
    });
  }

  remove(number: number): void {
    this.#statements.remove.run(number);
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare<[Omit<Row, 'number'> & { destination: number }]>(
      `INSERT INTO correction (destination, after, upto, shift, state)
       VALUES ($destination, $after, $upto, $shift, $state)`,
    ),
    all: database.prepare<[number], Row>(
      'SELECT number, after, upto, shift, state FROM correction WHERE destination = ? ORDER BY number',
    ),
    remove: database.prepare<[number]>('DELETE FROM correction WHERE number = ?'),
  };
}
