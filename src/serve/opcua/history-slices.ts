import type { HistoricReading, HistoryPage, HistoryQuery } from '../../journal/journal.ts';
import { toldTime } from '../../model/told-time.ts';
import type { Clock } from '../../model/clock.ts';

// The journal tells of the past in the order in which it was committed: what a device had kept stands behind what came
// before it did, and a clock that stepped has its times twice. A client is owed one order of time over all of its answers
// (OPC UA Part 11, 6.4.3.2), so the past is looked through in slices of time: each is small enough to be put in order.

const FIRST_WIDTH = 3_600_000; // milliseconds
const LEAST_WIDTH = 1_000;

// A slice with more readings than that is too wide: most of them would be read in vain.
const MOST_IN_SLICE = 10_000;

// Readings that the journal is asked for at once.
const PAGE = 2_000;

// A slice that was quick is followed by a wider one: most of the past is empty.
const QUICK = 100; // milliseconds

// Nor does a client wait longer, milliseconds: it then gets what there is, and goes on.
const LONGEST_SEARCH = 2_000;

// Where no end is given the past ends here: no time that a client could be told lies further off (ECMA-262, 21.4.1.1).
export const FARTHEST = 8.64e15; // milliseconds from 1970

/** Where an answer has ended: what is next has a time behind this one, or the same and a sequence behind this one. */
export type Place = { readonly time: number; readonly sequence: number };

/** A question for the past, and how far it has been answered. */
export type HistoryRequest = {
  readonly newestFirst: boolean;
  readonly after: Place;
  /** Wall milliseconds, included; infinite where no end is given. */
  readonly until: number;
  /** Values that one answer may hold. */
  readonly most: number;
  /** Milliseconds that the next slice should have. */
  readonly width: number;
};

/** The readings of an answer in their order; with `next` there may be more. */
export type OrderedHistory = {
  readonly readings: readonly HistoricReading[];
  readonly next: HistoryRequest | undefined;
};

/** Asks the journal for what was read of a point. */
export type AskHistory = (asked: Omit<HistoryQuery, 'points'>) => Promise<HistoryPage>;

/** A question that has not been answered yet: from `begin` on, included, to `until`. */
export function freshRequest(
  begin: number,
  { newestFirst, until, most }: Pick<HistoryRequest, 'newestFirst' | 'until' | 'most'>,
): HistoryRequest {
  return { newestFirst, after: placeBefore(begin, newestFirst), until, most, width: FIRST_WIDTH };
}

/** What is asked for, as much as an answer may hold and as can be found in two seconds. Rejects as `ask` does. */
export async function historyInOrder(ask: AskHistory, request: HistoryRequest, clock: Clock): Promise<OrderedHistory> {
  const deadline = clock.monotonic() + LONGEST_SEARCH;
  const readings: HistoricReading[] = [];
  let next = request;
  do {
    const begun = clock.monotonic();
    const { width, after } = next;
    const slice = sliceOf(next);
    const most = request.most - readings.length;
    const found = await firstIn(ask, slice, { ...next, most });
    if (found === undefined) {
      next = { ...next, width: Math.max(LEAST_WIDTH, width / 8) };
      continue;
    }
    readings.push(...found.slice(0, most));
    const last = readings.at(-1);
    if (found.length > most && last !== undefined) {
      const place = placeOf(last);
      const enough = Math.max(LEAST_WIDTH, 2 * Math.abs(place.time - after.time));
      return { readings, next: { ...next, after: place, width: Math.min(width, enough) } };
    }
    if (slice.isLast) return { readings, next: undefined };
    const isQuick = clock.monotonic() - begun < QUICK;
    next = { ...next, after: placeBehind(slice, request.newestFirst), width: isQuick ? 2 * width : width };
  } while (readings.length < request.most && clock.monotonic() < deadline);
  return { readings, next };
}

type Slice = { readonly from: number; readonly to: number; readonly isLast: boolean };

function sliceOf({ newestFirst, after: { time }, until, width }: HistoryRequest): Slice {
  const end = newestFirst ? time - width : time + width;
  const isLast = newestFirst ? end <= Math.max(until, -FARTHEST) : end >= Math.min(until, FARTHEST);
  const edge = isLast ? until : end;
  return newestFirst ? { from: edge, to: time, isLast } : { from: time, to: edge, isLast };
}

/**
 * The first readings of a slice behind `after`, one more than `most` where there are more; undefined where the slice is
 * too wide.
 */
async function firstIn(
  ask: AskHistory,
  { from, to }: Slice,
  { after, most, newestFirst, width }: HistoryRequest,
): Promise<readonly HistoricReading[] | undefined> {
  const order = inOrder(newestFirst);
  let found: HistoricReading[] = [];
  let seen = 0;
  let at: number | undefined;
  do {
    const page = await ask({ from, to, newestFirst: false, most: PAGE, ...(at !== undefined && { at }) });
    seen += page.readings.length;
    if (seen > MOST_IN_SLICE && width > LEAST_WIDTH) return undefined;
    found.push(...page.readings.filter((reading) => order(placeOf(reading), after) > 0));
    // So much is enough, however much there is.
    found = found.sort((one, other) => order(placeOf(one), placeOf(other))).slice(0, most + 1);
    at = page.next;
  } while (at !== undefined);
  return found;
}

function inOrder(newestFirst: boolean): (one: Place, other: Place) => number {
  const sign = newestFirst ? -1 : 1;
  return (one, other) => sign * (one.time - other.time || one.sequence - other.sequence);
}

function placeOf(reading: HistoricReading): Place {
  return { time: toldTime(reading), sequence: reading.sequence };
}

function placeBefore(time: number, newestFirst: boolean): Place {
  return { time, sequence: newestFirst ? Infinity : -Infinity };
}

function placeBehind({ from, to }: Slice, newestFirst: boolean): Place {
  return newestFirst ? { time: from, sequence: -Infinity } : { time: to, sequence: Infinity };
}
