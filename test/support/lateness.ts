import { systemClock } from '../../src/model/clock.ts';

const REST = 5; // milliseconds between two looks
const TIMELY = 1; // milliseconds that a timer is late on a machine with nothing else to do

/**
 * Does `work`, and measures meanwhile how late this machine wakes a process that sleeps: the mean in milliseconds, 0 where
 * it has time enough.
 */
export async function measuringLateness<T>(
  work: Promise<T>,
): Promise<{ readonly result: T; readonly lateness: number }> {
  const over = new AbortController();
  const end = (): void => over.abort();
  work.then(end, end);
  let [sum, count] = [0, 0];
  while (!over.signal.aborted) {
    const due = systemClock.monotonic() + REST;
    await systemClock.sleep(REST, over.signal).catch(() => undefined);
    sum += Math.max(0, systemClock.monotonic() - due - TIMELY);
    count += 1;
  }
  return { result: await work, lateness: sum / Math.max(1, count) };
}
