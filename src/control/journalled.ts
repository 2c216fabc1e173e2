import { choices } from '../config/nearest.ts';
import type { Journal } from '../journal/journal.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointNumber } from '../model/reading.ts';
import { showReading } from '../model/show-reading.ts';
import type { ShownReading } from '../model/status.ts';
import type { JournalQuery } from './control.ts';

/** Readings asked of the journal at once: commits wait meanwhile. */
const PAGE = 1_000;

/** What a journal holds, as `GatewayControl.history` tells it: each reading in the unit that its point had then. */
export async function* journalled(
  journal: Pick<Journal, 'points' | 'history'>,
  { names, most = Infinity, ...span }: JournalQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  const points = names.flatMap((name) => numbersOf(journal.points, name));
  let left = most;
  let at: number | undefined;
  do {
    const query = { points, ...span, most: Math.min(PAGE, left), ...(at !== undefined && { at }) };
    const { readings, next } = await journal.history(query);
    const shown = readings.flatMap((reading) => {
      const definition = journal.points.get(reading.point);
      return definition === undefined ? [] : showReading(reading, definition, 0);
    });
    if (shown.length > 0) yield shown;
    left -= readings.length;
    at = next;
  } while (at !== undefined && left > 0 && !signal.aborted);
}

/** All numbers that a point, or the points of a device, were ever journalled under. */
function numbersOf(points: Journal['points'], name: string): readonly PointNumber[] {
  const numbers = [...points].flatMap(([number, { id, device }]) => (id === name || device === name ? [number] : []));
  if (numbers.length > 0) return numbers;
  const [device = ''] = name.split('/', 1);
  const siblings = [...points.values()].filter((point) => point.device === device).map(({ id }) => id);
  const known = siblings.length > 0 ? siblings : [...points.values()].map((point) => point.device);
  const ids = [...new Set(known)];
  const instead = ids.length === 0 ? 'nor of anything else yet' : choices(name, ids, 'weir device list --json');
  throw new GatewayError('usage', `the journal knows nothing of ${name}; ${instead}`);
}
