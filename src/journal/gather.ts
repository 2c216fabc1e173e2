import { commonRanges, showRanges, subtractRange, type Range, type Ranges } from '../model/ranges.ts';
import { damaged } from './codec.ts';
import type { CommittedBatch, ReadLimit, Stretch } from './journal.ts';

/**
 * The stretch of batches that begins `range`: whole ones, also where they stick out of it at either end, as many as
 * `limit` allows and at least one. It stands for everything from `range.after` to the end of its last batch, or of
 * `range`, or of the journal at `last`, whichever comes first.
 * `next` finds the batch that holds a sequence, else the next one behind it.
 */
export function gather(
  range: Range,
  last: number,
  limit: ReadLimit,
  next: (sequence: number) => CommittedBatch | undefined,
): Stretch {
  const upto = Math.min(range.upto, last);
  const batches: CommittedBatch[] = [];
  let covered = range.after;
  let readings = 0;
  let bytes = 0;
  while (covered < upto) {
    const batch = next(covered + 1);
    if (batch === undefined || batch.first > upto) {
      covered = upto;
      break;
    }
    readings += batch.count;
    bytes += batch.body.length;
    if (batches.length > 0 && (readings > limit.readings || bytes > limit.bytes)) break;
    batches.push(batch);
    covered = Math.min(upto, batch.first + batch.count - 1);
  }
  return { range: { after: range.after, upto: covered }, batches };
}

/** Throws where a stretch leaves out what is `stored`: then its place in the database is damaged, if not it itself. */
export function checkWhole({ range, batches }: Stretch, stored: Ranges): void {
  let rest: Ranges = range.after < range.upto ? [range] : [];
  for (const { first, count } of batches) rest = subtractRange(rest, { after: first - 1, upto: first + count - 1 });
  const missing = rest.length === 0 ? [] : commonRanges(rest, stored);
  if (missing.length > 0) throw damaged(`sequences ${showRanges(missing)} are not where they should be`);
}
