import type { PointId } from '../model/point.ts';
import type { ShownReading } from '../model/status.ts';
import { paint, qualityText, valueText, type Scaled } from './format.ts';
import { table, type Column } from './table.ts';

/** Readings of one moment. */
export const readingColumns = scaledColumns(() => undefined);

/** The same where it is known how the values of a point are scaled. */
export function scaledColumns(scaledAs: (point: PointId) => Scaled | undefined): readonly Column<ShownReading>[] {
  return [
    { title: 'point', cell: ({ point }) => point },
    { title: 'value', right: true, cell: (reading) => valueText(reading, scaledAs(reading.point)) },
    { title: 'quality', cell: qualityText },
  ];
}

const timedColumns: readonly Column<ShownReading>[] = [
  ...readingColumns,
  { title: 'time', cell: ({ time }) => time.slice(11, 23) },
];

/** The newest reading of each point, as many as fit `rows` lines. */
export async function latestReadings(readings: readonly ShownReading[], rows: number): Promise<string> {
  const sorted = readings.toSorted((a, b) => (a.point < b.point ? -1 : 1));
  const room = Math.max(1, rows - 2);
  const left = sorted.length - room;
  const more = left > 0 ? `\n${paint('dim', `… and ${left} more: narrow it down with --device or --point`)}` : '';
  return (await table(timedColumns, sorted.slice(0, room))) + more;
}
