import type { CommittedBatch } from '../journal/journal.ts';
import { Bell } from './bell.ts';
import { Cursor } from './cursor.ts';
import type { LaneContext } from './lane.ts';

/**
 * Alarms that would have to wait: behind live readings, or for the end of quiet hours or of a spent budget. They go out
 * at once, and once more where their turn comes in the live lane, which alone can say that nothing before them is missing.
 */
export class AlarmLane {
  readonly #context: LaneContext;
  readonly #bell = new Bell();
  #batches: CommittedBatch[] = [];

  constructor(context: LaneContext) {
    this.#context = context;
  }

  add(batch: CommittedBatch): void {
    this.#batches.push(batch);
    this.#bell.ring();
  }

  /** Sends until the lane is closed, then rejects with the reason. */
  async run(): Promise<never> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch === undefined) await this.#bell.heard();
      else await this.#send(batch);
    }
  }

  close(reason: Error): void {
    this.#bell.close(reason);
  }

  async #send(batch: CommittedBatch): Promise<void> {
    const { window, composer, limits, send, clock } = this.#context;
    const cursor = new Cursor({ after: batch.first - 1, upto: batch.first + batch.count - 1 });
    cursor.load([batch], cursor.upto, clock.monotonic());
    while (!cursor.isEmpty) {
      const pass = await window.enter('control');
      const draft = composer.compose(cursor, limits(pass));
      if (draft === undefined) pass.abandon();
      else send(draft, pass);
    }
  }
}
