import { EARLIEST_TIME, isoTime, type Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Report } from '../ops/events.ts';
import { lookAtTimeService as askTimeService, type LookAtTimeService, type TimeService } from '../ops/time-service.ts';
import { isBetter, isDoubtful, STEP } from './clock-state.ts';
import type { Anchor, ClockState, Journal } from './journal.ts';

export type TimekeeperOptions = {
  /** Of the host. */
  readonly clock: Clock;
  /** Whether the configuration vouches for it. */
  readonly trusted: boolean;
  /** For so many milliseconds after a start readings wait for a time that can be believed. */
  readonly hold: number;
  readonly report: Report;
  /** This machine's, unless a test brings its own. */
  readonly lookAtTimeService?: LookAtTimeService;
};

const LOOK_EVERY = 1_000; // milliseconds
// Asking for the time service starts a process.
const ASK_EVERY = 10; // looks

/** A time, and how far it can be believed. */
type Judgement = { readonly wall: number; readonly state: ClockState };

/** Follows the host's clock: what it says is judged, and what readings are stamped by changes only here. */
export class Timekeeper {
  /** The host's clock, but its wall time is the best known: never that of a machine without battery. */
  readonly clock: Clock;
  readonly #journal: Journal;
  readonly #options: TimekeeperOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #holdUntil: number;
  /** Undefined until it was asked. */
  #service: TimeService | undefined;
  #state: ClockState;
  /** Wall minus monotonic time, as readings are stamped now. */
  #offset: number;
  /** Of the host's clock, believed or not, at the last look. */
  #hostOffset: number;
  #isHolding: boolean;
  #isUnbelievable = false;
  #anchor: Promise<Anchor>;

  constructor(journal: Journal, options: TimekeeperOptions) {
    const { clock, hold } = options;
    const anchor = [...journal.anchors.values()].at(-1);
    if (anchor === undefined) throw new TypeError('a journal has an anchor from its opening on');
    this.#journal = journal;
    this.#options = options;
    this.#anchor = Promise.resolve(anchor);
    this.#state = anchor.state;
    this.#offset = anchor.offset;
    this.#hostOffset = clock.wall() - clock.monotonic();
    this.#isHolding = isDoubtful(anchor.state);
    this.#holdUntil = clock.monotonic() + hold;
    this.clock = {
      monotonic: () => clock.monotonic(),
      wall: () => this.#judge().wall,
      isLost: () => clock.wall() < EARLIEST_TIME,
      after: (milliseconds, action) => clock.after(milliseconds, action),
      sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    };
  }

  get state(): ClockState {
    return this.#state;
  }

  /** The current one, once it is in the journal; rejects with `journal-failed`. */
  get anchor(): Promise<Anchor> {
    return this.#anchor;
  }

  /** Calls `listener` before a new anchor is taken: what was read until then belongs to the old one. */
  beforeAnchor(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a new anchor where the clock has stepped, or is known better. */
  check(): void {
    const { wall, state } = this.#judge();
    const offset = Math.round(wall - this.#options.clock.monotonic());
    const hasStepped = Math.abs(offset - this.#offset) > STEP;
    if (hasStepped || state !== this.#state) this.#take(hasStepped ? offset : this.#offset, state);
    this.#mindUnbelievable();
  }

  /** Looks at the clock until the signal; rejects when the journal fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, report, hold } = this.#options;
    if (this.#isHolding) {
      report('clock-doubtful', { time: isoTime(this.clock.wall()), clock: this.#state, hold: formatDuration(hold) });
    }
    for (let look = 0; !signal.aborted; look += 1) {
      // After a step there is most to be learned: it may have been the time service's.
      const hasStepped = this.#hasHostStepped();
      if (hasStepped || look % ASK_EVERY === 0) await this.#askService();
      this.check();
      await this.#mindHold();
      await clock.sleep(LOOK_EVERY, signal).catch(() => undefined); // aborted
    }
  }

  /** Since the last look: a host that is in 1970 for good has not. */
  #hasHostStepped(): boolean {
    const { clock } = this.#options;
    const before = this.#hostOffset;
    this.#hostOffset = clock.wall() - clock.monotonic();
    return Math.abs(this.#hostOffset - before) > STEP;
  }

  async #askService(): Promise<void> {
    const { trusted, lookAtTimeService = askTimeService } = this.#options;
    if (!trusted && this.#state !== 'synchronised') this.#service = await lookAtTimeService();
  }

  /** Once the time is known, or nobody will wait for it any longer, readings go out. */
  async #mindHold(): Promise<void> {
    if (!this.#isHolding) return;
    if (isDoubtful(this.#state)) {
      const { clock, hold, report } = this.#options;
      if (clock.monotonic() < this.#holdUntil) return;
      if (this.#state === 'unknown') this.#take(this.#offset, 'estimated'); // a better one is not to be expected
      report('clock-estimated', { hold: formatDuration(hold), time: isoTime(this.clock.wall()) });
    }
    this.#isHolding = false;
    // What a better anchor is on its way for would go out under the worse one, and nobody would be told.
    for (let known: Promise<Anchor> | undefined; known !== this.#anchor; await known) known = this.#anchor;
    await this.#journal.release();
  }

  #judge(): Judgement {
    const { clock, trusted } = this.#options;
    const wall = clock.wall();
    const kept = { wall: Math.round(clock.monotonic() + this.#offset), state: this.#state };
    if (wall < EARLIEST_TIME) return kept;
    if (trusted || this.#service === 'synchronised') return { wall, state: 'synchronised' };
    // What was set once stays set; where nobody could tell the time, whoever sets the clock is believed.
    if (!isDoubtful(this.#state)) return { wall, state: this.#state };
    if (wall < kept.wall - STEP) return kept; // it has been later already
    if (this.#service === undefined) return kept;
    return { wall, state: this.#service === 'waiting' ? 'estimated' : 'assumed' };
  }

  #take(offset: number, state: ClockState): void {
    for (const listener of this.#listeners) listener();
    const milliseconds = offset - this.#offset;
    const { report } = this.#options;
    if (isBetter(state, this.#state) && !isDoubtful(state)) report('clock-known', { clock: state, milliseconds });
    else if (milliseconds !== 0) report('clock-stepped', { milliseconds });
    this.#offset = offset;
    this.#state = state;
    this.#anchor = this.#anchor.then(() => this.#journal.anchor(offset, state));
    this.#anchor.catch(() => undefined); // whoever needs it is told
  }

  /** A clock that falls back to the time of its makers is not followed: that is told once. */
  #mindUnbelievable(): void {
    const wall = this.#options.clock.wall();
    const isUnbelievable = wall < EARLIEST_TIME && !isDoubtful(this.#state);
    if (isUnbelievable && !this.#isUnbelievable) {
      this.#options.report('clock-unbelievable', { says: isoTime(wall), time: isoTime(this.clock.wall()) });
    }
    this.#isUnbelievable = isUnbelievable;
  }
}
