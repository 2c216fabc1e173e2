import type { Clock } from '../model/clock.ts';
import type { BusQueue } from './bus-queue.ts';
import type { Session } from './driver.ts';
import { Waker } from './waker.ts';

/** Asks what is queued of a session that is listened to: writes first, one request at a time. */
export class ServeLoop {
  /** When the request began that the driver has not answered yet, monotonic milliseconds. */
  busySince: number | undefined;
  readonly #clock: Clock;
  readonly #queue: BusQueue;
  readonly #waker: Waker;

  constructor(clock: Clock, queue: BusQueue) {
    this.#clock = clock;
    this.#queue = queue;
    this.#waker = new Waker(clock);
  }

  /** Looks again what is queued, now. */
  wake(): void {
    this.#waker.wake();
  }

  /** Asks over `session` until `signal` aborts. Rejects when the session is of no more use. */
  async run(session: Session, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const task = this.#queue.takeWrites() ?? this.#queue.take();
      if (task === undefined) {
        await this.#waker.wait(Infinity, signal);
        continue;
      }
      this.busySince = this.#clock.monotonic();
      try {
        await task.carryOut(session, signal);
      } finally {
        this.busySince = undefined;
      }
    }
  }
}
