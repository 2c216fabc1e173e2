import type { JournalQuery } from '../../control/control.ts';
import { isoTime } from '../../model/clock.ts';
import { csvRecord } from '../../model/csv.ts';
import type { ShownReading } from '../../model/status.ts';
import type { Context } from '../context.ts';
import { count } from '../format.ts';
import { readingColumns } from '../readings.ts';
import { table, type Column } from '../table.ts';

type Readings = AsyncIterable<readonly ShownReading[]>;

/** Shows readings as they come, one a line, for programs. */
export async function showLines(readings: Readings, form: 'csv' | 'json', { output }: Context): Promise<void> {
  if (form === 'csv') output.line(csvRecord(csvNames));
  const lineOf = form === 'csv' ? csvLine : (reading: ShownReading): string => JSON.stringify(reading);
  for await (const portion of readings) for (const reading of portion) output.line(lineOf(reading));
}

const csvNames = ['time', 'point', 'value', 'quality', 'reason', 'source_time', 'unit', 'state'];

function csvLine({ time, point, value, quality, reason, sourceTime, unit, state }: ShownReading): string {
  return csvRecord([time, point, value, quality, reason, sourceTime, unit, state]);
}

/** Shows `most` readings for people, and says where these are not all. */
export async function showTable(
  readings: Readings,
  { query: { names, from, to }, most }: { readonly query: JournalQuery; readonly most: number },
  { output }: Context,
): Promise<void> {
  const found = await gathered(readings, output.progress(`reading ${names.join(', ')}`));
  if (found.length === 0) {
    output.note(`there is nothing of ${names.join(', ')} from ${isoTime(from)} to ${isoTime(to)}`);
    return;
  }
  const shown = found.slice(0, most);
  output.line(await table(columnsFor(shown), shown));
  if (found.length > most) {
    output.note(`there are more than ${count(most)}: choose a shorter time, a --limit, or --csv for all of them`);
  }
}

async function gathered(readings: Readings, progress: Disposable): Promise<readonly ShownReading[]> {
  using _progress = progress;
  return (await Array.fromAsync(readings)).flat();
}

/** The times of the device's own clock only where it gave any. */
function columnsFor(readings: readonly ShownReading[]): readonly Column<ShownReading>[] {
  return [
    { title: 'time', cell: ({ time }) => time },
    ...(readings.some(({ sourceTime }) => sourceTime !== undefined) ? [deviceTime] : []),
    ...readingColumns,
    // Where there is no value, its reason stands in its place.
    { title: 'reason', cell: ({ value, reason }) => (value === null ? '' : (reason ?? '')) },
  ];
}

const deviceTime: Column<ShownReading> = { title: 'device time', cell: ({ sourceTime }) => sourceTime ?? '' };
