import { setTimeout as elapsed } from 'node:timers/promises';
import { expect } from 'vitest';
import { startJournalProcess } from './journal-process.ts';
import { openTestJournal, storedValues } from './journals.ts';
import { randomNumbers } from './random-numbers.ts';

// Longer than it takes from the opening to the first checkpoints.
const LONGEST_LIFE = 300;

/**
 * Kills a writer `times` times, each at a random instant between its start and `LONGEST_LIFE` ms after its opening, and
 * checks after each that all it was told is there. Returns how many readings survived in all.
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
    committed = await expectCounters(folder, Math.max(committed, writer.committed()), 'at least');
  }
  return committed;
}

/** Checks that the journal holds the sequences 1 … `committed` (`at least`: or more), each with its own counter. */
export async function expectCounters(folder: string, committed: number, how: 'exactly' | 'at least'): Promise<number> {
  await using journal = await openTestJournal(folder);
  if (how === 'exactly') expect(journal.last).toBe(committed);
  else expect(journal.last).toBeGreaterThanOrEqual(committed);
  const values = await storedValues(journal);
  expect(values.size).toBe(journal.last);
  for (const [sequence, value] of values) if (value !== sequence) expect.fail(`${sequence} holds ${String(value)}`);
  return journal.last;
}
