import type { PointNumber } from '../model/reading.ts';
import { qualityNames, type Columns } from './codec.ts';
import { createDecoder } from './decode.ts';
import type { CommittedBatch, Journal } from './journal.ts';

// Readings: what a busy gateway takes within minutes, and a quiet one within days. A look back costs some 50 ms.
const LOOK_BACK = 400_000;
const STEP = 20_000;

const LIMIT = { readings: STEP, bytes: 8 * 1_048_576 };

/**
 * When the journal has last had a good reading of each of these points, wall milliseconds: of the device's own clock
 * where it gave a time. Looks back a bounded way; points that were not heard since are left out.
 */
export async function newestGood(
  journal: Journal,
  points: ReadonlySet<PointNumber>,
): Promise<ReadonlyMap<PointNumber, number>> {
  const found = new Map<PointNumber, number>();
  const decode = createDecoder();
  const oldest = Math.max(0, journal.last - LOOK_BACK);
  for (let upto = journal.last; upto > oldest && found.size < points.size; upto -= STEP) {
    const times = new Map<PointNumber, number>();
    for await (const batch of batchesOf(journal, Math.max(oldest, upto - STEP), upto)) {
      const offset = journal.anchors.get(batch.anchor)?.offset ?? 0;
      collect(decode(batch.body), offset, { points, times });
    }
    for (const [point, time] of times) if (!found.has(point)) found.set(point, time);
  }
  return found;
}

async function* batchesOf(journal: Journal, after: number, upto: number): AsyncIterable<CommittedBatch> {
  for (let from = after; from < upto;) {
    const { range, batches } = await journal.read({ after: from, upto }, LIMIT);
    if (batches.length === 0) return;
    yield* batches;
    from = range.upto;
  }
}

const GOOD = qualityNames.indexOf('good');

function collect(
  { count, points, times, sourceTimes, qualities }: Columns,
  offset: number,
  wanted: { readonly points: ReadonlySet<PointNumber>; readonly times: Map<PointNumber, number> },
): void {
  for (let index = 0; index < count; index += 1) {
    const point = points[index] ?? 0;
    if (qualities[index] !== GOOD || !wanted.points.has(point)) continue;
    const source = sourceTimes?.[index] ?? NaN;
    const time = Number.isNaN(source) ? (times[index] ?? 0) + offset : source;
    wanted.times.set(point, Math.max(time, wanted.times.get(point) ?? -Infinity));
  }
}
