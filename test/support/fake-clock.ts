import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { sleepWith, type Clock } from '../../src/model/clock.ts';

type Timer = { readonly due: number; readonly action: () => void };

/**
 * A clock that stands still until a test moves it. `advance` runs what falls due in order, and lets every promise
 * that a timer settled run on before the next timer fires, as the real clock would.
 */
export class FakeClock implements Clock {
  #monotonic: number;
  /** Wall minus monotonic: the two move together until `stepWall`. */
  #offset: number;
  readonly #timers = new Set<Timer>();
  readonly #flows: number;
  #watchers: { readonly count: number; readonly resolve: () => void }[] = [];

  /** `flows`: waits of up to so many milliseconds pass by themselves. */
  constructor(start: { monotonic?: number; wall?: number; flows?: number } = {}) {
    this.#flows = start.flows ?? 0;
    this.#monotonic = start.monotonic ?? 0;
    this.#offset = (start.wall ?? Date.UTC(2026, 10, 22, 9, 15)) - this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  wall(): number {
    return this.#monotonic + this.#offset;
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { due: this.#monotonic + Math.max(0, milliseconds), action };
    this.#timers.add(timer);
    this.#tellWatchers();
    if (milliseconds > 0 && milliseconds <= this.#flows) void this.advance(milliseconds);
    return () => this.#timers.delete(timer);
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return sleepWith(this, milliseconds, signal);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Resolves once at least `count` timers wait: for code that sets its timer only after real input or output. */
  untilPending(count = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ count, resolve });
      this.#tellWatchers();
    });
  }

  /** Moves both clocks forward; timers set on the way fire too when they fall due before the end. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#monotonic + milliseconds;
    await turnOfTheLoop();
    for (let timer = this.#firstDue(end); timer !== undefined; timer = this.#firstDue(end)) {
      this.#timers.delete(timer);
      this.#monotonic = Math.max(this.#monotonic, timer.due);
      timer.action();
      await turnOfTheLoop();
    }
    this.#monotonic = Math.max(this.#monotonic, end);
  }

  /** Sets the wall clock forward or back, as a time service does; no timer moves. */
  stepWall(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  /** The earliest timer until `end`; the one set first where several are due together. */
  #firstDue(end: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.due <= end)
      .reduce<Timer | undefined>(
        (first, timer) => (first !== undefined && first.due <= timer.due ? first : timer),
        undefined,
      );
  }

  #tellWatchers(): void {
    const ready = this.#watchers.filter((watcher) => watcher.count <= this.#timers.size);
    this.#watchers = this.#watchers.filter((watcher) => watcher.count > this.#timers.size);
    for (const watcher of ready) watcher.resolve();
  }
}
