import { expect } from 'vitest';
import type { GapRecord, Journal } from '../../src/journal/journal.ts';
import { addRange, commonRanges, countRanges, type Ranges } from '../../src/model/ranges.ts';
import { storedValues } from './journals.ts';

function rangesOf(gaps: readonly GapRecord[]): Ranges {
  return gaps.reduce<Ranges>((ranges, { range }) => addRange(ranges, range), []);
}

/** The promise of the ledger: acknowledged, pending and lost are disjoint, and together all there ever was. */
export async function expectComplete(journal: Journal, destination: string, acknowledged: Ranges): Promise<void> {
  const [state] = await journal.destinations([destination]);
  const lost = rangesOf(state?.gaps ?? []);
  const pending = commonRanges(state?.pending ?? [], [{ after: 0, upto: journal.last }]);
  const all = [...acknowledged, ...pending, ...lost].reduce<Ranges>(addRange, []);
  expect(all).toEqual([{ after: 0, upto: journal.last }]);
  expect(countRanges(acknowledged) + countRanges(pending) + countRanges(lost)).toBe(journal.last);
  expect(state?.gaps.reduce((sum, { count }) => sum + count, 0)).toBe(countRanges(lost));
  const stored = await storedValues(journal);
  for (const { after, upto } of pending) {
    for (let sequence = after + 1; sequence <= upto; sequence += 1) expect(stored.has(sequence)).toBe(true);
  }
}
