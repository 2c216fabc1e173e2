import type { Journal } from '../journal/journal.ts';
import {
  addRange,
  countRanges,
  holes,
  subtractRange,
  subtractRanges,
  type Range,
  type Ranges,
} from '../model/ranges.ts';
import { Bell } from './bell.ts';
import { Cursor } from './cursor.ts';
import { COVERAGE_DELAY, JOURNAL_READ, type LaneContext } from './lane.ts';
import type { Progress } from './progress.ts';
import type { Task } from './suspicion.ts';
import type { Priority } from './window.ts';

// Newest first goes back in chunks of this size, each in ascending order.
const NEWEST_FIRST_CHUNK = 10_000;

type Source = {
  readonly journal: Journal;
  readonly order: 'oldest-first' | 'newest-first';
  readonly progress: Pick<Progress, 'repeats'>;
};

/** What was left behind by an outage, from the journal; after it what is asked for once more. */
export class BacklogLane {
  readonly #context: LaneContext;
  readonly #journal: Journal;
  readonly #order: Source['order'];
  readonly #progress: Pick<Progress, 'repeats'>;
  readonly #bell = new Bell();
  #todo: Ranges = [];
  /** Ranges of which a message was refused, to be sent again in smaller ones. */
  readonly #repairs: Task[] = [];
  #cursor: Cursor | undefined;

  constructor(context: LaneContext, { journal, order, progress }: Source) {
    this.#context = context;
    this.#journal = journal;
    this.#order = order;
    this.#progress = progress;
  }

  /** Sequences that wait, without those in flight. */
  get waiting(): number {
    const { after = 0, upto = 0 } = this.#cursor ?? {};
    return countRanges(this.#todo) + countRanges(this.#repairs.map(({ range }) => range)) + upto - after;
  }

  add(range: Range): void {
    this.#todo = addRange(this.#todo, range);
    if (this.#todo.length > 0) this.#bell.ring();
  }

  /** Takes a range that did not pass, to be sent before everything else in messages of so many readings at most. */
  repair(task: Task): void {
    this.#repairs.push(task);
    this.#bell.ring();
  }

  /** Sends until the lane is closed, then rejects with the reason. */
  async run(): Promise<never> {
    for (;;) {
      const repair = this.#repairs.shift();
      const task = repair ?? this.#nextTask();
      if (task === undefined) await this.#bell.heard();
      else await this.#stream(task, repair === undefined ? 'backlog' : 'control');
    }
  }

  close(reason: Error): void {
    this.#bell.close(reason);
  }

  #nextTask(): Task | undefined {
    const news = subtractRanges(this.#todo, this.#progress.repeats);
    const todo = news.length > 0 ? news : this.#todo;
    const oldest = todo[0];
    const newest = todo.at(-1);
    if (oldest === undefined || newest === undefined) return undefined;
    const range =
      this.#order === 'oldest-first'
        ? oldest
        : { after: Math.max(newest.after, newest.upto - NEWEST_FIRST_CHUNK), upto: newest.upto };
    this.#todo = subtractRange(this.#todo, range);
    return { range, readings: Infinity };
  }

  async #stream({ range, readings }: Task, priority: Priority): Promise<void> {
    const { window, clock, composer, limits, send, open } = this.#context;
    const cursor = new Cursor(range, holes(this.#progress.repeats, range).length === 0);
    this.#cursor = cursor;
    let sentAt = clock.monotonic();
    while (cursor.after < range.upto && !this.#isOvertaken(priority)) {
      if (cursor.isEmpty) await this.#load(cursor);
      await open(priority);
      const pass = await window.enter(priority);
      const allowed = limits(pass);
      const draft =
        composer.compose(cursor, { ...allowed, readings: Math.min(readings, allowed.readings) }) ??
        (cursor.isAtEnd || clock.monotonic() - sentAt > COVERAGE_DELAY ? composer.empty(cursor) : undefined);
      if (draft === undefined) pass.abandon();
      else {
        sentAt = clock.monotonic();
        send(draft, pass);
      }
    }
    this.#cursor = undefined;
    this.add({ after: cursor.after, upto: range.upto });
  }

  /** A repair must not wait for a backlog of weeks: until it has passed, messages go one at a time. */
  #isOvertaken(priority: Priority): boolean {
    return priority === 'backlog' && this.#repairs.length > 0;
  }

  async #load(cursor: Cursor): Promise<void> {
    const wanted = { after: cursor.end, upto: cursor.upto };
    if (wanted.after >= wanted.upto) return;
    const { range, batches } = await this.#journal.read(wanted, JOURNAL_READ);
    // Nothing stored: retention took it all, and its gap records say so.
    cursor.load(batches, batches.length === 0 ? wanted.upto : range.upto, this.#context.clock.monotonic());
  }
}
