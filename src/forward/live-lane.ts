import type { CommittedBatch, Journal } from '../journal/journal.ts';
import type { Range } from '../model/ranges.ts';
import { Bell } from './bell.ts';
import type { Draft } from './composer.ts';
import { Cursor } from './cursor.ts';
import { COVERAGE_DELAY, JOURNAL_READ, type LaneContext } from './lane.ts';
import type { Progress } from './progress.ts';

// Further behind than this, the lane jumps to the newest reading and leaves the rest to the backlog lane.
const LONGEST_WAIT = 5000; // milliseconds
const MOST_WAITING = 8 * 1024 * 1024; // bytes of batches, five seconds at some 200 000 readings/s

const SMALL_TAIL = 2000; // readings; what so short an absence left behind is as good as live

/** Behind what the live lane begins: the newest reading, or the little that a short absence has left. */
export function liveStart({ pending, suspicion }: Progress, last: number): number {
  const tail = pending.at(-1)?.after ?? last;
  if (last - tail > SMALL_TAIL) return last;
  return Math.max(tail, ...suspicion.unclear.map(({ upto }) => upto));
}

/** To whom the lane hands what it cannot send now. */
type Leaving = {
  /** Given the range that it leaves behind. */
  readonly skipped: (range: Range) => void;
  /** Given alarms that would have to wait in it. */
  readonly urgent: (batch: CommittedBatch) => void;
};

/** What is read now goes out now. Follows the commits from memory; only its beginning is read from the journal. */
export class LiveLane {
  readonly #context: LaneContext;
  readonly #journal: Journal;
  readonly #cursor: Cursor;
  readonly #bell = new Bell();
  readonly #skipped: (range: Range) => void;
  readonly #urgent: (batch: CommittedBatch) => void;
  #unsubscribe: () => void = () => undefined;
  #cancelCoverage: (() => void) | undefined;
  #overdue = false;

  /** Begins behind the sequence `after`. */
  constructor(context: LaneContext, journal: Journal, after: number, { skipped, urgent }: Leaving) {
    this.#context = context;
    this.#journal = journal;
    this.#cursor = new Cursor({ after, upto: Infinity });
    this.#skipped = skipped;
    this.#urgent = urgent;
  }

  /** Sends until the lane is closed, then rejects with the reason. */
  async run(): Promise<never> {
    await this.#catchUp();
    for (;;) {
      await this.#drain();
      this.#mindCoverage();
      await this.#bell.heard();
    }
  }

  close(reason: Error): void {
    this.#unsubscribe();
    this.#cancelCoverage?.();
    this.#bell.close(reason);
  }

  async #catchUp(): Promise<void> {
    while (this.#cursor.end < this.#journal.last) {
      const wanted = { after: this.#cursor.end, upto: this.#journal.last };
      const { range, batches } = await this.#journal.read(wanted, JOURNAL_READ);
      const end = batches.length === 0 ? wanted.upto : range.upto;
      // What is gone must be announced before a message covers it: the backlog lane waits for that.
      if (this.#cursor.leavesOut(batches, end)) this.#skipped(this.#cursor.jump(end));
      else this.#cursor.load(batches, end, this.#context.clock.monotonic());
    }
    this.#unsubscribe = this.#journal.onCommit((batch) => this.#committed(batch));
  }

  #committed(batch: CommittedBatch): void {
    const now = this.#context.clock.monotonic();
    const mustWait = !this.#cursor.isEmpty || this.#context.isHeld();
    if (batch.class === 'alarm' && mustWait) this.#urgent(batch);
    const end = batch.first + batch.count - 1;
    const isLate = now - (this.#cursor.waitingSince ?? now) > LONGEST_WAIT;
    if (isLate || this.#cursor.bytes > MOST_WAITING || this.#cursor.leavesOut([batch], end)) {
      this.#skipped(this.#cursor.jump(batch.first - 1));
    }
    this.#cursor.load([batch], end, now);
    this.#bell.ring();
  }

  async #drain(): Promise<void> {
    const { window, composer, limits, send, open } = this.#context;
    while (!this.#cursor.isEmpty || this.#overdue) {
      await open('live');
      const pass = await window.enter('live');
      const draft = composer.compose(this.#cursor, limits(pass)) ?? this.#coverageMessage();
      if (draft === undefined) pass.abandon();
      else send(draft, pass);
    }
  }

  #coverageMessage(): Draft | undefined {
    if (!this.#overdue) return undefined;
    this.#overdue = false;
    return this.#cursor.at > this.#cursor.after ? this.#context.composer.empty(this.#cursor) : undefined;
  }

  /** Sees to it that a coverage which no reading carries is sent all the same, if late. */
  #mindCoverage(): void {
    if (this.#cursor.at === this.#cursor.after) {
      this.#cancelCoverage?.();
      this.#cancelCoverage = undefined;
      return;
    }
    this.#cancelCoverage ??= this.#context.clock.after(COVERAGE_DELAY, () => {
      this.#cancelCoverage = undefined;
      this.#overdue = true;
      this.#bell.ring();
    });
  }
}
