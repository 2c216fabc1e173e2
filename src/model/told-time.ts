import type { Reason } from './reading.ts';

/** How far a device's clock may be from ours, milliseconds, for its reading to be found under its own time. */
export const LEEWAY = 15 * 60_000;

/**
 * The time under which a reading is found, wall milliseconds: its device's where that is not far from ours, or where the
 * device had kept the reading until then; else when it was received.
 */
export function toldTime({
  sourceTime,
  receivedTime,
  reason,
}: {
  readonly sourceTime: number | null;
  readonly receivedTime: number;
  readonly reason?: Reason;
}): number {
  if (sourceTime === null) return receivedTime;
  return reason === 'historical' || Math.abs(sourceTime - receivedTime) <= LEEWAY ? sourceTime : receivedTime;
}
