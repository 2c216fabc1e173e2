import type { Hours, RateLimit, Schedule } from '../config/configuration.ts';
import type { Clock } from '../model/clock.ts';
import type { Budget } from './budget.ts';
import type { Priority } from './window.ts';

// When a message may go at all: hours, a budget of bytes, and a rate. Alarms and what the gateway says of itself always may.

const LONGEST_LOOK = 60_000; // milliseconds; the wall clock may step while we wait
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const DAY = 86_400_000;
const MINUTE = 60_000;
const BURST = 1000; // milliseconds of the rate that may be sent at once
const LIVE_RESERVE = 0.5; // of it, which the backlog leaves to what is read now

export type GateSettings = {
  readonly rate: RateLimit | undefined;
  readonly schedule: Schedule | undefined;
};

type Cost = { readonly readings: number; readonly bytes: number };

/** Outlives the sessions of its destination: what one of them spent, the next has not. */
export class Gate {
  readonly #settings: GateSettings;
  readonly #budget: Budget | undefined;
  readonly #clock: Clock;
  /** What may be sent now, per second as the rate is; below zero after a message larger than what was left. */
  #left: Cost;
  #filledAt: number;

  constructor(settings: GateSettings, budget: Budget | undefined, clock: Clock) {
    this.#settings = settings;
    this.#budget = budget;
    this.#clock = clock;
    this.#left = this.#most;
    this.#filledAt = clock.monotonic();
  }

  /** Resolves when a message may go; rejects with the signal's reason. */
  async open(priority: Priority, signal: AbortSignal): Promise<void> {
    if (priority === 'control') return;
    for (let wait = this.#wait(priority); wait > 0; wait = this.#wait(priority)) {
      await this.#clock.sleep(Math.min(wait, LONGEST_LOOK), signal);
    }
  }

  /** Notes what a message cost. */
  spent({ readings, bytes }: Cost): void {
    this.#budget?.spend(bytes, this.#clock.wall());
    if (this.#settings.rate === undefined) return;
    this.#fill();
    this.#left = { readings: this.#left.readings - readings, bytes: this.#left.bytes - bytes };
  }

  /** Why live readings must wait, for people; undefined while they need not. */
  get held(): string | undefined {
    const now = this.#clock.wall();
    if (this.#isQuiet(now)) return 'quiet hours: only alarms are sent';
    return (this.#budget?.wait('live', now) ?? 0) > 0
      ? 'its budget of bytes is spent: only alarms are sent'
      : undefined;
  }

  #wait(priority: Exclude<Priority, 'control'>): number {
    const now = this.#clock.wall();
    if (this.#isQuiet(now) || (priority === 'backlog' && !this.#isBacklogTime(now))) return untilNextMinute(now);
    return Math.max(this.#budget?.wait(priority, now) ?? 0, this.#rateWait(priority));
  }

  #isQuiet(now: number): boolean {
    return (this.#settings.schedule?.quiet ?? []).some((hours) => isWithin(hours, now));
  }

  #isBacklogTime(now: number): boolean {
    const hours = this.#settings.schedule?.backlog;
    return hours === undefined || hours.some((each) => isWithin(each, now));
  }

  /** Milliseconds until the rate allows a message. */
  #rateWait(priority: Exclude<Priority, 'control'>): number {
    const { rate } = this.#settings;
    if (rate === undefined) return 0;
    this.#fill();
    const reserve = priority === 'backlog' ? LIVE_RESERVE : 0;
    const waits = (['readings', 'bytes'] as const).map((of) => {
      const perSecond = rate[of];
      return perSecond === undefined ? 0 : ((reserve * this.#most[of] - this.#left[of]) * 1000) / perSecond;
    });
    return Math.max(0, ...waits);
  }

  get #most(): Cost {
    const { readings = NO_LIMIT, bytes = NO_LIMIT } = this.#settings.rate ?? {};
    return { readings: (readings * BURST) / 1000, bytes: (bytes * BURST) / 1000 };
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const seconds = (now - this.#filledAt) / 1000;
    const { readings = NO_LIMIT, bytes = NO_LIMIT } = this.#settings.rate ?? {};
    const most = this.#most;
    this.#filledAt = now;
    this.#left = {
      readings: Math.min(most.readings, this.#left.readings + readings * seconds),
      bytes: Math.min(most.bytes, this.#left.bytes + bytes * seconds),
    };
  }
}

function isWithin({ from, to }: Hours, wall: number): boolean {
  const minute = Math.floor((wall % DAY) / MINUTE);
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

function untilNextMinute(wall: number): number {
  return MINUTE - (wall % MINUTE);
}
