/**
 * The one place where time and timers come from. Everything else takes a Clock, so that tests can own the time.
 * Deadlines and schedules run on the monotonic clock; the wall clock is only ever printed or aligned to.
 */
export interface Clock {
  /** Milliseconds (fractional) since some fixed instant of this process; never steps, never runs backwards. */
  monotonic(): number;
  /** Milliseconds since 1970-01-01 UTC as the host believes it; may step at any moment. */
  wall(): number;
  /**
   * Whether the host has lost the time altogether, as in 1970, and `wall` is an estimate: what goes by the host's own
   * clock, as certificates do, cannot work then. Absent: `wall` is what the host says.
   */
  isLost?(): boolean;
  /** Calls `action` once, `milliseconds` from now; the returned function cancels it and may be called at any time. */
  after(milliseconds: number, action: () => void): () => void;
  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

// setTimeout takes 31 bits: a longer wait would fire at once.
const LONGEST_TIMER = 2 ** 31 - 1;

function after(milliseconds: number, action: () => void): () => void {
  if (milliseconds > LONGEST_TIMER) {
    let cancel = after(LONGEST_TIMER, () => {
      cancel = after(milliseconds - LONGEST_TIMER, action);
    });
    return () => cancel();
  }
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}

/**
 * Builds `sleep` from `after`; shared by the system clock and by the clocks of tests.
 * @internal
 */
export function sleepWith(clock: Pick<Clock, 'after'>, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after,
  sleep: (milliseconds, signal) => sleepWith({ after }, milliseconds, signal),
};

/** `2026-11-22T09:15:00.000Z` of milliseconds since 1970. */
export function isoTime(wall: number): string {
  return new Date(wall).toISOString();
}

/** For libraries that take a Date: that of milliseconds since 1970. */
export function dateOf(wall: number): Date {
  return new Date(wall);
}

/** Milliseconds since 1970 of an ISO 8601 time; NaN when it is none. */
export function parseTime(text: string): number {
  return Date.parse(text);
}

/** This software is younger than that: a clock that says less is wrong. Milliseconds since 1970. */
export const EARLIEST_TIME = parseTime('2026-01-01T00:00:00Z');

/**
 * Settles as `work` does, or rejects with `late()` after `milliseconds`, or with the signal's reason.
 * `work` itself goes on: whoever started it must be able to end it.
 */
export function withDeadline<T>(
  work: Promise<T>,
  limit: { clock: Clock; milliseconds: number; late: () => Error; signal?: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => settle(() => reject(limit.signal?.reason));
    const cancel = limit.clock.after(limit.milliseconds, () => settle(() => reject(limit.late())));
    const settle = (outcome: () => void): void => {
      cancel();
      limit.signal?.removeEventListener('abort', onAbort);
      outcome();
    };
    if (limit.signal?.aborted === true) onAbort();
    else limit.signal?.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** Settles as `work` does, or rejects with the signal's reason. `work` itself goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const impatience = Promise.withResolvers<never>();
  const onAbort = (): void => impatience.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, impatience.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
