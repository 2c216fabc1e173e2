/** Every sequence s with `after < s ≤ upto`. `upto` may be Infinity: everything still to come. */
export type Range = { readonly after: number; readonly upto: number };

/** Ranges in ascending order, none empty, none touching another. */
export type Ranges = readonly Range[];

/** The union of `ranges` and `added`. */
export function addRange(ranges: Ranges, added: Range): Ranges {
  if (added.after >= added.upto) return ranges;
  const before = ranges.filter((range) => range.upto < added.after);
  const behind = ranges.filter((range) => range.after > added.upto);
  const touching = ranges.filter((range) => range.upto >= added.after && range.after <= added.upto);
  const merged = {
    after: Math.min(added.after, ...touching.map((range) => range.after)),
    upto: Math.max(added.upto, ...touching.map((range) => range.upto)),
  };
  return [...before, merged, ...behind];
}

/** `ranges` without `removed`. */
export function subtractRange(ranges: Ranges, removed: Range): Ranges {
  if (removed.after >= removed.upto) return ranges;
  return ranges.flatMap((range) =>
    [
      { after: range.after, upto: Math.min(range.upto, removed.after) },
      { after: Math.max(range.after, removed.upto), upto: range.upto },
    ].filter((rest) => rest.after < rest.upto),
  );
}

/** The part of `ranges` inside `window`. */
export function clipRanges(ranges: Ranges, window: Range): Ranges {
  return ranges
    .map((range) => ({ after: Math.max(range.after, window.after), upto: Math.min(range.upto, window.upto) }))
    .filter((range) => range.after < range.upto);
}

/** How many sequences `ranges` hold. */
export function countRanges(ranges: Ranges): number {
  return ranges.reduce((sum, range) => sum + (range.upto - range.after), 0);
}

/** The parts of `window` that `ranges` leave out: the holes of a coverage. */
export function holes(ranges: Ranges, window: Range): Ranges {
  return ranges.reduce<Ranges>((rest, range) => subtractRange(rest, range), clipRanges([window], window));
}

/** `ranges` without any of `removed`, in one pass over both. */
export function subtractRanges(ranges: Ranges, removed: Ranges): Ranges {
  const rest: Range[] = [];
  let next = 0;
  for (const range of ranges) {
    let { after } = range;
    for (let hole = removed[next]; hole !== undefined && hole.after < range.upto; hole = removed[next]) {
      if (hole.after > after) rest.push({ after, upto: hole.after });
      after = Math.max(after, hole.upto);
      if (hole.upto > range.upto) break; // it reaches into the next range too
      next += 1;
    }
    if (after < range.upto) rest.push({ after, upto: range.upto });
  }
  return rest;
}

/** What is in both. */
export function commonRanges(ranges: Ranges, others: Ranges): Ranges {
  return subtractRanges(ranges, subtractRanges(ranges, others));
}

const MOST_SHOWN = 5;

/** `101..200, 301..400 and 7 more`, for people. */
export function showRanges(ranges: Ranges): string {
  const shown = ranges.slice(0, MOST_SHOWN).map(({ after, upto }) => `${after + 1}..${upto}`);
  return shown.join(', ') + (ranges.length > MOST_SHOWN ? ` and ${ranges.length - MOST_SHOWN} more` : '');
}
