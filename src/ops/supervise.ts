import type { Clock } from '../model/clock.ts';
import { GatewayError, type ErrorCode } from '../model/errors.ts';

/** Milliseconds: the first wait, the longest, and how much of each is left to chance (0…1). */
export type Backoff = { readonly first: number; readonly longest: number; readonly jitter: number };

/** How long to wait after `failures` failures in a row; doubles from `first` to `longest`. */
export function backoffDelay(backoff: Backoff, failures: number, random: () => number = Math.random): number {
  const delay = Math.min(backoff.longest, backoff.first * 2 ** Math.min(failures - 1, 30));
  return delay * (1 - backoff.jitter * random());
}

export type Supervised = {
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Lives as long as the connection does; calls `healthy` once it works, which resets the back-off. */
  readonly attempt: (signal: AbortSignal, healthy: () => void) => Promise<void>;
  /** Told of each failure, before the wait of `delay` milliseconds that follows it. */
  readonly failed: (error: GatewayError, delay: number) => void | Promise<void>;
};

/**
 * Failures after which the next attempt costs little, and the milliseconds until then: however long an adapter was away,
 * it is in use again within seconds of being plugged in, and a broker within seconds of the time being known. They say
 * nothing of the far end and are not counted.
 */
const WAITS: { readonly [Code in ErrorCode]?: number } = { 'port-missing': 2_000, 'clock-unknown': 5_000 };

/**
 * The one retry loop: runs `attempt` again and again until `signal` aborts, waiting longer after each failure in a row.
 * Rejects only with an error whose remedy is `stop`, or one that is not ours (a bug): both end the daemon.
 */
export async function supervise(work: Supervised, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work.attempt(signal, () => {
        failures = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatewayError) || error.remedy === 'stop') throw error;
      const fixed = WAITS[error.code];
      if (fixed === undefined) failures += 1;
      const delay = fixed ?? backoffDelay(work.backoff, failures);
      await work.failed(error, delay);
      await work.clock.sleep(delay, signal).catch(() => undefined);
    }
  }
}
