import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { GatewayError } from '../model/errors.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import { damaged } from './codec.ts';
import type { Anchor, ClockState, Epoch } from './journal.ts';
import { storedStates } from './schema.ts';

/** What the configuration says of retention, bytes and milliseconds. */
export type Keep = { readonly size: number; readonly age: number };

type AnchorRow = Omit<Anchor, 'state'> & { readonly state: number };

/** What the journal remembers of the newest life of its process: see schema.ts. Times are wall milliseconds. */
type Life = {
  readonly host: string;
  readonly origin: number;
  readonly seen: number;
  readonly seenAfter: number;
  /** Of its newest anchor. */
  readonly offset: number;
};

/** An anchor whose time is known better by now: by how many milliseconds it was off, and which sequences are under it. */
export type Improvement = { readonly shift: number; readonly range: Range };

type WorseRow = {
  readonly number: number;
  readonly after: number;
  readonly upto: number;
  readonly offset: number;
  readonly origin: number;
  readonly knownOrigin: number;
};

/** What the batches refer to, and who the journal is: the tables meta, point, boot and anchor. */
export class Catalogue {
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Makes a new journal the gateway's, with an epoch of its own; throws when it is another's already. */
  identify(gateway: string): void {
    const known = this.#statements.identity.get();
    if (known === undefined) {
      this.#statements.identify.run(gateway, randomBytes(4).toString('hex'));
    } else if (known.gateway !== gateway) {
      throw new GatewayError(
        'journal-unusable',
        `the journal belongs to gateway ${known.gateway}, not ${gateway}: name another folder, or keep the id`,
      );
    }
  }

  get gateway(): string {
    return this.#statements.identity.get()?.gateway ?? '';
  }

  get epoch(): Epoch {
    return this.#statements.identity.get()?.epoch ?? '';
  }

  /** What the last boot was to keep. */
  get keep(): Keep {
    return this.#statements.keep.get() ?? { size: 0, age: 0 };
  }

  /**
   * Begins the life of this process. What no batch refers to any more is forgotten; of what was without a time so far
   * the one that it was stamped with is the estimate.
   */
  boot(started: number, keep: Keep, { host, origin }: Pick<Life, 'host' | 'origin'>): void {
    this.#database.exec(
      `DELETE FROM anchor WHERE number < (SELECT anchor FROM batch ORDER BY first LIMIT 1);
       DELETE FROM boot WHERE number < (SELECT min(boot) FROM anchor);
       UPDATE anchor SET state = ${storedStates.indexOf('estimated')} WHERE state = ${storedStates.indexOf('unknown')};`,
    );
    this.#statements.addBoot.run(Math.round(started), keep.size, keep.age, host, origin);
  }

  get life(): Life | undefined {
    return this.#statements.life.get();
  }

  /** Notes that it was `at` when `last` was the newest sequence. */
  see(at: number, last: number): void {
    this.#statements.see.run(Math.round(at), last);
  }

  /** An anchor for what is committed behind the sequence `after`. */
  anchor(offset: number, state: ClockState, after: number): Anchor {
    const boot = this.#statements.boot.get() ?? 0;
    const number = this.#statements.addAnchor.get(boot, offset, storedStates.indexOf(state), after) ?? 0;
    return { number, boot, offset, state };
  }

  /** Gives the older anchors whose time `known` tells better that time and state. */
  improve(known: Anchor): Improvement[] {
    const { worse, improve } = this.#statements;
    const state = storedStates.indexOf(known.state);
    return worse.all({ ...known, state }).map(({ number, after, upto, offset, origin, knownOrigin }) => {
      const shift = Math.round(known.offset - knownOrigin + origin) - offset;
      improve.run(offset + shift, state, shift, number);
      return { shift, range: { after, upto } };
    });
  }

  get anchors(): Anchor[] {
    return this.#statements.anchors.all().map(({ state, ...row }) => {
      const name = storedStates[state];
      if (name === undefined) throw damaged(`${state} is no clock state`);
      return { ...row, state: name };
    });
  }

  /** Numbers for the definitions: the one it had before, when a definition is known word for word. */
  intern(definitions: readonly PointDefinition[]): PointNumber[] {
    const { point, addPoint } = this.#statements;
    return definitions.map((definition) => {
      const text = canonical(definition);
      return point.get(definition.id, text) ?? addPoint.get(definition.id, text) ?? 0;
    });
  }

  get points(): Map<PointNumber, PointDefinition> {
    return new Map(this.#statements.points.all().map(({ number, definition }) => [number, JSON.parse(definition)]));
  }
}

function prepare(database: Database) {
  return {
    identity: database.prepare<[], { gateway: string; epoch: Epoch }>('SELECT gateway, epoch FROM meta'),
    identify: database.prepare<[string, Epoch]>('INSERT INTO meta (only, gateway, epoch) VALUES (1, ?, ?)'),
    boot: database.prepare<[], number>('SELECT max(number) FROM boot').pluck(),
    keep: database.prepare<[], Keep>(
      'SELECT keep_size AS size, keep_age AS age FROM boot ORDER BY number DESC LIMIT 1',
    ),
    addBoot: database.prepare<[number, number, number, string, number]>(
      'INSERT INTO boot (started, keep_size, keep_age, host, origin) VALUES (?, ?, ?, ?, ?)',
    ),
    life: database.prepare<[], Life>(
      `SELECT host, origin, seen, seen_after AS seenAfter, offset FROM boot JOIN anchor ON anchor.boot = boot.number
       ORDER BY anchor.number DESC LIMIT 1`,
    ),
    see: database.prepare<[number, number]>(
      'UPDATE boot SET seen = ?, seen_after = ? WHERE number = (SELECT max(number) FROM boot)',
    ),
    // Of this life of the process, or of another in the same life of the host. Each ends where the next begins.
    worse: database.prepare<[Omit<Anchor, 'state'> & { state: number }], WorseRow>(
      `SELECT anchor.number, after, offset, boot.origin, now.origin AS knownOrigin,
         (SELECT min(after) FROM anchor AS next WHERE next.number > anchor.number) AS upto
       FROM anchor JOIN boot ON boot.number = anchor.boot JOIN boot AS now ON now.number = $boot
       WHERE state > $state AND (anchor.boot = $boot OR (boot.host = now.host AND now.host <> ''))
       ORDER BY anchor.number`,
    ),
    improve: database.prepare<[number, number, number, number]>(
      'UPDATE anchor SET offset = ?, state = ?, shift = shift + ? WHERE number = ?',
    ),
    anchors: database.prepare<[], AnchorRow>('SELECT number, boot, offset, state FROM anchor ORDER BY number'),
    addAnchor: database
      .prepare<[number, number, number, number], number>(
        'INSERT INTO anchor (boot, offset, state, after) VALUES (?, ?, ?, ?) RETURNING number',
      )
      .pluck(),
    points: database.prepare<[], { number: number; definition: string }>('SELECT number, definition FROM point'),
    point: database
      .prepare<[string, string], number>('SELECT number FROM point WHERE id = ? AND definition = ? LIMIT 1')
      .pluck(),
    addPoint: database
      .prepare<[string, string], number>('INSERT INTO point (id, definition) VALUES (?, ?) RETURNING number')
      .pluck(),
  };
}

/** The same text for the same definition, in whatever order its keys were written. */
function canonical(definition: PointDefinition): string {
  return JSON.stringify(definition, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}
