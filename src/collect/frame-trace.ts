import { isoTime, type Clock } from '../model/clock.ts';
import type { FrameTap, TracedFrame } from '../wire/trace.ts';
import type { ShownFrame } from './commissioning.ts';

// Some seconds of a fast bus.
const MOST_WAITING = 1_000;

/** The frames of one connection, for whoever wants to see them: while nobody does, drivers are not asked to show any. */
export class FrameTrace {
  readonly tap: FrameTap = { listener: undefined };
  readonly #clock: Clock;
  readonly #listeners = new Set<(frame: ShownFrame) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The frames from now until `signal` aborts, in order; what a slow reader leaves waiting too long is dropped and counted. */
  async *watch(signal: AbortSignal): AsyncGenerator<readonly ShownFrame[], void, undefined> {
    let waiting: ShownFrame[] = [];
    let dropped = 0;
    let woken = Promise.withResolvers<void>();
    const listener = (frame: ShownFrame): void => {
      if (waiting.length >= MOST_WAITING) {
        dropped += 1;
        return;
      }
      waiting.push(dropped === 0 ? frame : { ...frame, dropped });
      dropped = 0;
      woken.resolve();
    };
    const onAbort = (): void => woken.resolve();
    this.#add(listener);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        await woken.promise;
        woken = Promise.withResolvers();
        const frames = waiting;
        waiting = [];
        if (frames.length > 0) yield frames;
      }
    } finally {
      this.#remove(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #add(listener: (frame: ShownFrame) => void): void {
    this.#listeners.add(listener);
    this.tap.listener = (frame) => this.#show(frame);
  }

  #remove(listener: (frame: ShownFrame) => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.tap.listener = undefined;
  }

  #show({ direction, bytes, meaning }: TracedFrame): void {
    const frame = { time: isoTime(this.#clock.wall()), direction, bytes: bytes.toString('hex'), meaning };
    for (const listener of this.#listeners) listener(frame);
  }
}
