import type { JournalQuery } from '../../control/control.ts';
import { parseTime } from '../../model/clock.ts';
import type { ShownReading } from '../../model/status.ts';
import type { Context } from '../context.ts';
import { configurationOf, daemonIfRunning } from '../daemon.ts';
import { reach } from '../device/reach.ts';
import { configuredDevice, pointsOf } from '../device/target.ts';

/** What the journal holds, through the daemon where it runs; else it is read from its files. */
export async function* journalled(
  query: JournalQuery,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  const { control, journal } = await configurationOf(context);
  const daemon = await daemonIfRunning(control.socket, context);
  if (daemon !== undefined) return yield* daemon.history(query, signal);
  const { openStopped } = await import('../../journal/inspect.ts');
  const reading = await import('../../control/journalled.ts');
  using stopped = openStopped(journal.path);
  yield* reading.journalled(stopped, query, signal);
}

/** What devices have kept by themselves: device by device, or where the newest are wanted all together, newest first. */
export async function* keptBy(
  query: JournalQuery,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  const { newestFirst, most = Infinity } = query;
  const portions = devicesIn(query, context, signal);
  if (newestFirst) {
    const readings = (await Array.fromAsync(portions)).flat();
    yield readings.toSorted((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1)).slice(0, most);
    return;
  }
  let left = most;
  for await (const readings of portions) {
    yield readings.slice(0, left);
    left -= readings.length;
    if (left <= 0) return;
  }
}

function timeOf({ sourceTime, time }: ShownReading): number {
  return parseTime(sourceTime ?? time);
}

async function* devicesIn(
  { names, from, to }: JournalQuery,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  for (const id of new Set(names.map((name) => name.split('/', 1).join()))) {
    const { device, connection } = await configuredDevice(id, context);
    const own = names.filter((name) => name.startsWith(`${id}/`));
    const points = names.includes(id) ? undefined : pointsOf(device, own);
    await using reached = await reach(connection, context);
    yield* reached.kept(id, { from, to, ...(points && { points }) }, signal);
  }
}
