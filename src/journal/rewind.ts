import { addRange, type Range, type Ranges } from '../model/ranges.ts';
import type { OpenedDatabase } from './opened.ts';
import type { Head, Timeline } from './timeline.ts';

/** Wall milliseconds, both included. */
type Span = { readonly from: number; readonly to: number };

// Batches of different classes lie beside each other, each in its own order of time: one may be older than the one before
// it by the longest that a configuration lets a reading wait for its commit.
const DISORDER = 10 * 60_000; // milliseconds

type Places = Pick<OpenedDatabase, 'timeline' | 'historic'>;

/**
 * The sequences of the batches that hold something received in `span`, and what lies between them; and of those that tell
 * of it, from what a device had kept. Whole batches.
 */
export function sequencesOf(places: Places, span: Span): Ranges {
  return toldOf(places, span).reduce(addRange, receivedIn(places.timeline, span));
}

function toldOf({ timeline, historic }: Places, span: Span): Range[] {
  const told: Range[] = [];
  for (let first = historic.next(0, span); first !== undefined; first = historic.next(first + 1, span)) {
    const head = timeline.at(first);
    if (head?.first === first) told.push({ after: first - 1, upto: lastOf(head) });
  }
  return told;
}

function receivedIn(timeline: Timeline, span: Span): Ranges {
  let ranges: Ranges = [];
  let head = timeline.at(0);
  while (head !== undefined) {
    const { first, anchor } = head;
    const next = timeline.first(first, (each) => each.anchor > anchor);
    ranges = addRange(ranges, stretchIn(timeline, { after: first - 1, upto: (next?.first ?? Infinity) - 1 }, span));
    head = next;
  }
  return ranges;
}

/** The same within the batches of one clock anchor, whose times grow with the sequence; empty where there are none. */
function stretchIn(timeline: Timeline, stretch: Range, span: Span): Range {
  return { after: beginIn(timeline, stretch, span.from) - 1, upto: endIn(timeline, stretch, span.to) };
}

/** The first sequence of the stretch that is not older than `from`; the one behind the stretch where all are. */
function beginIn(timeline: Timeline, { after, upto }: Range, from: number): number {
  let head = timeline.first(after + 1, ({ first, newest }) => first > upto || newest >= from - DISORDER);
  while (head !== undefined && head.first <= upto && head.newest < from) head = timeline.at(lastOf(head) + 1);
  return head?.first ?? upto + 1;
}

/** The last sequence of the stretch that is not newer than `to`; the one before the stretch where all are. */
function endIn(timeline: Timeline, { after, upto }: Range, to: number): number {
  const behind = timeline.first(after + 1, ({ first, oldest }) => first > upto || oldest > to + DISORDER);
  let head = timeline.before((behind?.first ?? Number.MAX_SAFE_INTEGER) - 1);
  while (head !== undefined && head.first > after && head.oldest > to) head = timeline.before(head.first - 1);
  return head === undefined ? after : lastOf(head);
}

function lastOf({ first, count }: Head): number {
  return first + count - 1;
}
