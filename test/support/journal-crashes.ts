import { setTimeout as elapsed } from 'node:timers/promises';
import { expect } from 'vitest';
import { startJournalProcess } from './journal-process.ts';
import { openTestJournal, storedValues } from './journals.ts';
import { randomNumbers } from './random-numbers.ts';

// Longer than it takes from the opening to the first checkpoints.
const LONGEST_LIFE = 300;

/**
 * Kills a writer `times` times, each at a random instant between its start and `LONGEST_LIFE` ms after its opening, and
 * checks after each that all it was told is there, and in the end that all of all is. Returns how many readings survived.
 */
export async function killAtRandom(folder: string, { times, seed }: { times: number; seed: number }): Promise<number> {
  const random = randomNumbers(seed);
  let committed = 0;
  for (let kill = 0; kill < times; kill += 1) {
    const writer = startJournalProcess(folder);
    // One in five dies while it opens.
    if (random.below(5) > 0) await writer.said('open');
    await elapsed(random.below(LONGEST_LIFE));
    await writer.kill();
    committed = await expectCounters(folder, Math.max(committed, writer.committed()), 'at least', committed);
  }
  return expectCounters(folder, committed, 'exactly');
}

/**
 * Checks that the journal ends with the sequence `committed` (`at least`: or a later one), and that it holds all behind
 * `after`, each with its own counter. Returns the last.
 */
export async function expectCounters(
  folder: string,
  committed: number,
  how: 'exactly' | 'at least',
  after = 0,
): Promise<number> {
  await using journal = await openTestJournal(folder);
  if (how === 'exactly') expect(journal.last).toBe(committed);
  else expect(journal.last).toBeGreaterThanOrEqual(committed);
  const values = await storedValues(journal, after);
  const wanted = Array.from({ length: journal.last - after }, (_, index) => after + 1 + index);
  expect(wanted.filter((sequence) => !values.has(sequence))).toEqual([]);
  for (const [sequence, value] of values) if (value !== sequence) expect.fail(`${sequence} holds ${String(value)}`);
  return journal.last;
}
