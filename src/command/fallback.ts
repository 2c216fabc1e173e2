import type { CommandSettings } from '../config/configuration.ts';
import type { Clock } from '../model/clock.ts';
import type { Audit } from '../ops/audit/log.ts';
import type { Report } from '../ops/events.ts';
import { findTarget, writeTarget, type CommandedBus, type Outcome } from './targets.ts';

const LOOK = 1000; // milliseconds
const AGAIN = 30_000; // milliseconds between two attempts at what could not be written

export type FallbackContext = {
  readonly clock: Clock;
  readonly report: Report;
  readonly audit: Audit;
  readonly buses: readonly CommandedBus[];
  readonly destination: string;
  readonly fallback: NonNullable<CommandSettings['fallback']>;
  readonly isConnected: () => boolean;
};

/**
 * Brings points to a safe value when the centre that commands them has been lost for the time that the configuration
 * says; once for each loss, tried again until each device has done it or the centre is back. Ends when `signal` aborts.
 */
export async function watchCentre(context: FallbackContext, signal: AbortSignal): Promise<void> {
  const { clock, fallback, isConnected } = context;
  let lostAt = clock.monotonic();
  let next = lostAt + fallback.after;
  const open = new Set<string>(Object.keys(fallback.values));
  while (!signal.aborted) {
    const now = clock.monotonic();
    if (isConnected()) {
      lostAt = now;
      next = now + fallback.after;
      for (const point of Object.keys(fallback.values)) open.add(point);
    } else if (open.size > 0 && now >= next) {
      await fallBack(context, open, { seconds: Math.round((now - lostAt) / 1000) }, signal);
      next = clock.monotonic() + AGAIN;
    }
    await clock.sleep(LOOK, signal).catch(() => undefined);
  }
}

/** Writes what is still open; what is done is taken out. */
async function fallBack(
  { buses, fallback, destination, report, audit }: FallbackContext,
  open: Set<string>,
  lost: { readonly seconds: number },
  signal: AbortSignal,
): Promise<void> {
  for (const point of open) {
    const value = fallback.values[point] ?? '';
    const { status, detail } = await write(buses, { point, value }, signal);
    if (signal.aborted) return;
    if (status === 'done') open.delete(point);
    const fields = { destination, point, value: String(value), ...lost, status, detail: detail ?? '' };
    audit.note('fallback', fields);
    report(status === 'done' ? 'fallback-written' : 'fallback-failed', fields);
  }
}

async function write(
  buses: readonly CommandedBus[],
  { point, value }: { readonly point: string; readonly value: string | number | boolean },
  signal: AbortSignal,
): Promise<Pick<Outcome, 'status' | 'detail'>> {
  const target = findTarget(buses, point, value);
  return 'reason' in target ? { status: 'failed', detail: target.detail } : writeTarget(target, signal);
}
