import type { Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';

// So many keep-alives may be missing.
const PATIENCE = 3;

// Milliseconds by which the wall clock may move against the monotonic one between two looks: slewing is slower, and what
// is faster has been set.
const LARGEST_SLEW = 10_000;

// Milliseconds between two looks at the clocks.
const LOOK = 1_000;

/** Something that has to be heard again and again. */
type Watched = { readonly what: string; readonly keepAlive: number; heardAt: number };

/**
 * Notices that a session is of no use any more, which the stack may not: nothing comes although the connection stands,
 * or the clock was set, by which it judges its keys.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #watched = new Map<string | number, Watched>();
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = this.#wallOffset();
  }

  /** From now on `key` has to be heard, at least every `keepAlive` milliseconds. */
  watch(key: string | number, what: string, keepAlive: number): void {
    this.#watched.set(key, { what, keepAlive, heardAt: this.#clock.monotonic() });
  }

  heard(key: string | number): void {
    const watched = this.#watched.get(key);
    if (watched !== undefined) watched.heardAt = this.#clock.monotonic();
  }

  /** Nothing could be heard until now, and that was our doing. */
  excuse(): void {
    const now = this.#clock.monotonic();
    for (const watched of this.#watched.values()) watched.heardAt = now;
  }

  /** Watches until `signal` aborts. Rejects with `connection-lost` that says what is amiss. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#clock.monotonic();
      const silent = [...this.#watched.values()].find(
        ({ heardAt, keepAlive }) => now >= heardAt + PATIENCE * keepAlive,
      );
      if (silent !== undefined) throw lost(`nothing of ${silent.what} for ${Math.round(now - silent.heardAt)} ms`);
      this.#lookAtClock();
      await this.#clock.sleep(Math.min(LOOK, Math.max(1, this.#nextEnd - now)), signal).catch(() => undefined);
    }
  }

  get #nextEnd(): number {
    return Math.min(...[...this.#watched.values()].map(({ heardAt, keepAlive }) => heardAt + PATIENCE * keepAlive));
  }

  #lookAtClock(): void {
    const offset = this.#wallOffset();
    const step = offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(step) > LARGEST_SLEW) throw lost(`the clock of this machine was set by ${Math.round(step / 1_000)} s`);
  }

  #wallOffset(): number {
    return this.#clock.wall() - this.#clock.monotonic();
  }
}

function lost(why: string): GatewayError {
  return new GatewayError('connection-lost', `${why}: connecting anew`);
}
