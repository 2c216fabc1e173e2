import { EARLIEST_TIME } from '../model/clock.ts';
import type { TimeService } from '../ops/time-service.ts';
import type { ClockState, Journal } from './journal.ts';

/** A larger change of wall minus monotonic, in milliseconds, is a step of the clock. */
export const STEP = 250;

/** From the most to the least that is known. Also how the journal stores them: never reorder, only append. */
export const clockStates = ['synchronised', 'assumed', 'estimated', 'unknown'] as const satisfies ClockState[];

export function isBetter(one: ClockState, other: ClockState): boolean {
  return clockStates.indexOf(one) < clockStates.indexOf(other);
}

/** Whether readings of that time wait for a better one before they are sent. */
export function isDoubtful(state: ClockState): boolean {
  return isBetter('assumed', state);
}

/** How far the clock can be believed now. */
export function newestState({ anchors }: Pick<Journal, 'anchors'>): ClockState {
  return [...anchors.values()].at(-1)?.state ?? 'unknown';
}

export type ClockFacts = {
  /** What the host says, wall milliseconds. */
  readonly wall: number;
  /** Whether the configuration vouches for it. */
  readonly trusted: boolean;
  readonly service: TimeService;
  /** The last time that was known here: it cannot be earlier now. */
  readonly lastKnown: number;
};

/** The best that can be said of the time now, in wall milliseconds, and how far it can be believed. */
export function judgeClock({ wall, trusted, service, lastKnown }: ClockFacts): {
  readonly wall: number;
  readonly state: ClockState;
} {
  if (wall >= EARLIEST_TIME) {
    if (trusted || service === 'synchronised') return { wall, state: 'synchronised' };
    if (wall >= lastKnown - STEP) return { wall, state: service === 'waiting' ? 'estimated' : 'assumed' };
  }
  return lastKnown >= EARLIEST_TIME
    ? { wall: lastKnown, state: 'estimated' }
    : { wall: EARLIEST_TIME, state: 'unknown' };
}
