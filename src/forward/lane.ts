import type { Clock } from '../model/clock.ts';
import type { Composer, Draft } from './composer.ts';
import type { MessageLimits } from './format.ts';
import type { Pass, Priority, Window } from './window.ts';

/** What both lanes of a session work with. */
export type LaneContext = {
  readonly clock: Clock;
  readonly window: Window;
  /** Resolves when a message of this kind may be sent at all; rejects once the session is over. */
  readonly open: (priority: Priority) => Promise<void>;
  /** Whether live readings must wait for something else than the window. */
  readonly isHeld: () => boolean;
  readonly composer: Composer;
  /** How large the message of this pass may be. */
  readonly limits: (pass: Pass) => MessageLimits;
  /** Resolves once the destination has been told of every loss until now; rejects once the session is over. */
  readonly lossesTold: () => Promise<void>;
  /** Takes over the message; the lane goes on at once. */
  readonly send: (draft: Draft, pass: Pass) => void;
};

/** Milliseconds until coverage goes out without a reading: the centre's proof lags no further behind. */
export const COVERAGE_DELAY = 10_000;

/** Some ten messages: enough to keep the window full while the journal looks up the next. */
export const JOURNAL_READ = { readings: 10_000, bytes: 512 * 1024 } as const;
