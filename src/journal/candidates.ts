import type { HistoryQuery } from './journal.ts';
import type { OpenedDatabase } from './opened.ts';
import type { Head, Timeline } from './timeline.ts';
import { LEEWAY } from '../model/told-time.ts';

// The readings of other classes in a commit, which may be older by as much as `journal.commit`, are within `LEEWAY` too.

type Asked = Pick<HistoryQuery, 'from' | 'to' | 'at'>;
type Places = Pick<OpenedDatabase, 'timeline' | 'historic'>;

/** The batches that may hold what a query asks for, in its order: by when they were received, or by what they tell of. */
export function candidates(places: Places, query: HistoryQuery): Generator<Head> {
  const { timeline } = places;
  return query.newestFirst
    ? merged(backward(timeline, query), tellingBackward(places, query), (one, other) => one.first > other.first)
    : merged(forward(timeline, query), telling(places, query), (one, other) => one.first < other.first);
}

/** Both in their common order, each batch once. */
function* merged(
  one: Iterator<Head>,
  other: Iterator<Head>,
  isBefore: (one: Head, other: Head) => boolean,
): Generator<Head> {
  let [left, right] = [one.next().value, other.next().value];
  for (let head = earlier(left, right, isBefore); head !== undefined; head = earlier(left, right, isBefore)) {
    yield head;
    if (left?.first === head.first) left = one.next().value;
    if (right?.first === head.first) right = other.next().value;
  }
}

function earlier(
  left: Head | undefined,
  right: Head | undefined,
  isBefore: (one: Head, other: Head) => boolean,
): Head | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return isBefore(right, left) ? right : left;
}

/** The batches that tell of an earlier time than their own, oldest first. */
function* telling({ timeline, historic }: Places, { from, to, at = 0 }: Asked): Generator<Head> {
  // In those of older releases such a reading may be in any that came after its time.
  for (const head of forward(timeline, { from, to: Infinity, at })) {
    if (head.first > historic.unlisted) break;
    yield head;
  }
  const begin = timeline.at(at)?.first ?? at;
  for (let first = historic.next(begin, { from, to }); first !== undefined;) {
    const head = timeline.at(first);
    if (head?.first === first) yield head;
    first = historic.next(first + 1, { from, to });
  }
}

/** The same, newest first. */
function* tellingBackward(
  { timeline, historic }: Places,
  { from, to, at = Number.MAX_SAFE_INTEGER }: Asked,
): Generator<Head> {
  for (let first = historic.previous(at, { from, to }); first !== undefined;) {
    const head = timeline.at(first);
    if (head?.first === first) yield head;
    first = historic.previous(first - 1, { from, to });
  }
  yield* backward(timeline, { from, to: Infinity, at: Math.min(at, historic.unlisted) });
}

// Under one anchor times grow with the sequence; from one to the next they may step either way.

/** The batches that may hold what is asked for, oldest first. */
function* forward(timeline: Timeline, { from, to, at = 0 }: Asked): Generator<Head> {
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
function* backward(timeline: Timeline, { from, to, at = Number.MAX_SAFE_INTEGER }: Asked): Generator<Head> {
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
