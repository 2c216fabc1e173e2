import type { Value } from '../model/reading.ts';
import { qualityNames, reasonNames, valueKinds, type Columns } from './codec.ts';
import { createDecoder } from './decode.ts';
import { doubted } from './doubt.ts';
import type { HistoricReading, HistoryPage, HistoryQuery } from './journal.ts';
import type { OpenedDatabase } from './opened.ts';
import type { Head, Timeline } from './timeline.ts';

// What one page may decode before it comes back: about 5 ms, for which commits wait.
const MOST_DECODED = 100_000; // readings

/**
 * How far a device's clock may be from ours, milliseconds, for its reading to be found under its own time. The readings
 * of other classes in a commit, which may be older by as much as `journal.commit`, are within it too.
 */
const LEEWAY = 15 * 60_000;

/** One page of what was read of a point; see `Journal.history`. */
export function readHistory({ batches, timeline, catalogue }: OpenedDatabase, query: HistoryQuery): HistoryPage {
  const anchors = new Map(catalogue.anchors.map((anchor) => [anchor.number, anchor]));
  const decode = createDecoder();
  const page = new Page(query);
  let decoded = 0;
  for (const { first, count, anchor: number } of query.newestFirst
    ? backward(timeline, query)
    : forward(timeline, query)) {
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

  #isWithin({ sourceTime, receivedTime }: HistoricReading): boolean {
    const isBelieved = sourceTime !== null && Math.abs(sourceTime - receivedTime) <= LEEWAY;
    const time = isBelieved ? sourceTime : receivedTime;
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

// Under one anchor times grow with the sequence; from one to the next they may step either way.

/** The batches that may hold what is asked for, oldest first. */
function* forward(timeline: Timeline, { from, to, at = 0 }: HistoryQuery): Generator<Head> {
  let head = timeline.at(at);
  while (head !== undefined) {
    const { anchor, oldest, newest } = head;
    const behind = head.first + head.count;
    if (oldest > to + LEEWAY) head = timeline.first(behind, (each) => each.anchor > anchor);
    else if (newest < from - LEEWAY) {
      head = timeline.first(behind, (each) => each.anchor > anchor || each.newest >= from - LEEWAY);
    } else {
      yield head;
      head = timeline.at(behind);
    }
  }
}

/** The same, newest first. */
function* backward(timeline: Timeline, { from, to, at = Number.MAX_SAFE_INTEGER }: HistoryQuery): Generator<Head> {
  let head = timeline.before(at);
  while (head !== undefined) {
    const { first, anchor, oldest, newest } = head;
    let begin: Head | undefined;
    if (newest < from - LEEWAY) begin = timeline.first(0, (each) => each.anchor >= anchor);
    else if (oldest > to + LEEWAY) begin = timeline.first(0, (each) => isBehind(each, { anchor, time: to + LEEWAY }));
    else yield head;
    head = timeline.before(Math.min(begin?.first ?? first, first) - 1);
  }
}

function isBehind(head: Head, { anchor, time }: { readonly anchor: number; readonly time: number }): boolean {
  return head.anchor > anchor || (head.anchor === anchor && head.oldest > time);
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
