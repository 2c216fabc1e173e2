import type { Value } from '../model/reading.ts';
import { candidates } from './candidates.ts';
import { qualityNames, reasonNames, valueKinds, type Columns } from './codec.ts';
import { createDecoder } from './decode.ts';
import { doubted } from './doubt.ts';
import type { HistoricReading, HistoryPage, HistoryQuery } from './journal.ts';
import type { OpenedDatabase } from './opened.ts';
import { toldTime } from '../model/told-time.ts';

// What one page may decode before it comes back: about 5 ms, for which commits wait.
const MOST_DECODED = 100_000; // readings

/** One page of what was read of a point; see `Journal.history`. */
export function readHistory(opened: OpenedDatabase, query: HistoryQuery): HistoryPage {
  const { batches, catalogue } = opened;
  const anchors = new Map(catalogue.anchors.map((anchor) => [anchor.number, anchor]));
  const decode = createDecoder();
  const page = new Page(query);
  let decoded = 0;
  for (const { first, count, anchor: number } of candidates(opened, query)) {
    if (decoded >= MOST_DECODED) return page.endedAt(query.newestFirst ? first + count - 1 : first);
    const batch = batches.next(first);
    const anchor = anchors.get(number);
    if (batch === undefined || anchor === undefined) continue;
    decoded += count;
    const next = page.take(doubted(decode(batch.body), anchor.state), first, anchor.offset);
    if (next !== undefined) return page.endedAt(next);
  }
  return page.endedAt(undefined);
}

/** Gathers the readings that are asked for. */
class Page {
  readonly #query: HistoryQuery;
  readonly #readings: HistoricReading[] = [];

  constructor(query: HistoryQuery) {
    this.#query = query;
  }

  endedAt(next: number | undefined): HistoryPage {
    return { readings: this.#readings, next };
  }

  /** Takes what is asked for of a batch; returns the sequence to go on at where not all of it had room. */
  take(columns: Columns, first: number, offset: number): number | undefined {
    const { points, newestFirst, at, most } = this.#query;
    const last = columns.count - 1;
    const step = newestFirst ? -1 : 1;
    const begin = startIn(first, last, { at, newestFirst });
    for (let index = begin; index >= 0 && index <= last; index += step) {
      if (!points.includes(columns.points[index] ?? 0)) continue;
      const reading = readingAt(columns, index, { first, offset });
      if (!this.#isWithin(reading)) continue;
      if (this.#readings.length === most) return first + index;
      this.#readings.push(reading);
    }
    return undefined;
  }

  #isWithin(reading: HistoricReading): boolean {
    const time = toldTime(reading);
    return time >= this.#query.from && time <= this.#query.to;
  }
}

/** The index in a batch at which to begin. */
function startIn(
  first: number,
  last: number,
  { at, newestFirst }: { readonly at: number | undefined; readonly newestFirst: boolean },
): number {
  if (at === undefined) return newestFirst ? last : 0;
  return newestFirst ? Math.min(last, at - first) : Math.max(0, at - first);
}

function readingAt(
  columns: Columns,
  index: number,
  { first, offset }: { readonly first: number; readonly offset: number },
): HistoricReading {
  const sourceTime = columns.sourceTimes?.[index] ?? NaN;
  const reason = reasonNames[columns.reasons[index] ?? 0];
  return {
    sequence: first + index,
    point: columns.points[index] ?? 0,
    sourceTime: Number.isNaN(sourceTime) ? null : sourceTime,
    receivedTime: (columns.times[index] ?? 0) + offset,
    quality: qualityNames[columns.qualities[index] ?? 0] ?? 'bad',
    value: valueAt(columns, index),
    ...(reason === undefined ? {} : { reason }),
  };
}

function valueAt({ kinds, numbers, others }: Columns, index: number): Value | null {
  const kind = kinds[index];
  if (kind === valueKinds.none) return null;
  if (kind === valueKinds.false || kind === valueKinds.true) return kind === valueKinds.true;
  const isOther = kind === valueKinds.bigint || kind === valueKinds.text;
  return (isOther ? others[index] : numbers[index]) ?? null;
}
