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

// Newest first goes back in chunks of this size, each in ascending order.
const NEWEST_FIRST_CHUNK = 10_000;
// Readings. What the live lane has left behind in a bad moment goes before an old backlog; when it becomes more than
// this, the link is too slow for both, and it is backlog like all else.
const MOST_RECENT = 2000;

type Work = Task & { readonly kind: 'repair' | 'recent' | 'backlog' };

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
  /** What the live lane has just left behind. */
  #recent: Ranges = [];
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
    const repairs = this.#repairs.map(({ range }) => range);
    return [this.#todo, this.#recent, repairs].reduce((sum, ranges) => sum + countRanges(ranges), upto - after);
  }

  add(range: Range): void {
    this.#todo = addRange(this.#todo, range);
    if (this.#todo.length > 0) this.#bell.ring();
  }

  /** Takes what the live lane had to leave behind. */
  addRecent(range: Range): void {
    this.#recent = addRange(this.#recent, range);
    if (countRanges(this.#recent) > MOST_RECENT) {
      for (const old of this.#recent) this.add(old);
      this.#recent = [];
    }
    this.#bell.ring();
  }

  /** Takes a range that did not pass, to be sent before everything else in messages of so many readings at most. */
  repair(task: Task): void {
    this.#repairs.push(task);
    this.#bell.ring();
  }

  /** Sends until the lane is closed, then rejects with the reason. */
  async run(): Promise<never> {
    for (;;) {
      const work = this.#nextWork();
      if (work === undefined) await this.#bell.heard();
      else await this.#stream(work);
    }
  }

  close(reason: Error): void {
    this.#bell.close(reason);
  }

  #nextWork(): Work | undefined {
    const repair = this.#repairs.shift();
    if (repair !== undefined) return { ...repair, kind: 'repair' };
    const [recent, ...others] = this.#recent;
    if (recent !== undefined) {
      this.#recent = others;
      return { range: recent, readings: Infinity, kind: 'recent' };
    }
    const range = this.#nextRange();
    return range === undefined ? undefined : { range, readings: Infinity, kind: 'backlog' };
  }

  #nextRange(): Range | undefined {
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
    return range;
  }

  async #stream({ range, readings, kind }: Work): Promise<void> {
    const { window, clock, composer, limits, send, open } = this.#context;
    const cursor = new Cursor(range, holes(this.#progress.repeats, range).length === 0);
    this.#cursor = cursor;
    const priority = kind === 'repair' ? 'control' : 'backlog';
    let sentAt = clock.monotonic();
    while (cursor.after < range.upto && !this.#isOvertaken(kind)) {
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
    const rest = { after: cursor.after, upto: range.upto };
    if (kind === 'recent') this.addRecent(rest);
    else this.add(rest);
  }

  /** A repair must not wait for a backlog of weeks: until it has passed, messages go one at a time. */
  #isOvertaken(kind: Work['kind']): boolean {
    if (kind === 'repair') return false;
    return this.#repairs.length > 0 || (kind === 'backlog' && this.#recent.length > 0);
  }

  async #load(cursor: Cursor): Promise<void> {
    const wanted = { after: cursor.end, upto: cursor.upto };
    if (wanted.after >= wanted.upto) return;
    const { range, batches } = await this.#journal.read(wanted, JOURNAL_READ);
    // Nothing stored: retention took it all.
    const end = batches.length === 0 ? wanted.upto : range.upto;
    // What a message covers without holding it must have been announced before.
    if (cursor.leavesOut(batches, end)) await this.#context.lossesTold();
    cursor.load(batches, end, this.#context.clock.monotonic());
  }
}
