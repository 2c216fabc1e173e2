import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapsed } from 'node:timers/promises';
import { expect } from 'vitest';
import { expectCounters } from './journal-crashes.ts';
import { startJournalProcess, type JournalProcess } from './journal-process.ts';
import { openTestJournal, storedValues } from './journals.ts';
import { expectComplete } from './ledger.ts';
import { cuttableDisk, type CuttableDisk } from './power-cut.ts';
import { randomNumbers } from './random-numbers.ts';

// Long enough for some checkpoints, milliseconds.
const LONGEST_LIFE = 600;
const LONGEST_START = 60;

type Cuts = {
  readonly times: number;
  readonly seed: number;
  /** Bytes that the journal may take; less than what is written, so that retention has to drop all the time. */
  readonly keep?: number;
};

/**
 * Cuts the power under a writer, at a random instant, and checks after each cut that all it was told is there, and in its
 * place. Returns how many readings there were in the end.
 */
export async function cutAtRandom({ times, seed, keep }: Cuts): Promise<number> {
  const random = randomNumbers(seed);
  await using disk = await cuttableDisk();
  const folder = join(disk.path, 'journal');
  let committed = 0;
  for (let cut = 0; cut < times; cut += 1) {
    const writer = startJournalProcess(folder, { stamped: true, ...(keep !== undefined && { keep }) });
    // One in five is cut while it opens.
    if (random.below(5) > 0) await writer.said('open');
    const safe = await cutUnder(writer, disk, random.below(LONGEST_LIFE));
    committed = await check(folder, { least: Math.max(committed, safe), after: committed, keep });
  }
  return committed;
}

/** The same in the very first start, again and again. */
export async function cutFirstStarts({ times, seed }: Pick<Cuts, 'times' | 'seed'>): Promise<void> {
  const random = randomNumbers(seed);
  await using disk = await cuttableDisk();
  for (let cut = 0; cut < times; cut += 1) {
    const folder = join(disk.path, `journal-${cut}`);
    const writer = startJournalProcess(folder, { stamped: true });
    await writer.said('begin');
    const safe = await cutUnder(writer, disk, random.below(LONGEST_START));
    await check(folder, { least: safe, after: 0, keep: undefined });
  }
}

/** Cuts the power in `wait` milliseconds; resolves with the last sequence that was told to be committed before. */
async function cutUnder(writer: JournalProcess, disk: CuttableDisk, wait: number): Promise<number> {
  await elapsed(wait);
  const before = await disk.cut();
  await writer.kill();
  await disk.restore();
  return writer.committed(before);
}

type Expected = { readonly least: number; readonly after: number; readonly keep: number | undefined };

async function check(folder: string, { least, after, keep }: Expected): Promise<number> {
  const last = keep === undefined ? await expectCounters(folder, least, 'at least', after) : await kept(folder, keep);
  expect(last).toBeGreaterThanOrEqual(least);
  // Nothing was damaged by that, and nothing set aside.
  expect(existsSync(join(folder, 'damaged'))).toBe(false);
  return last;
}

/** Checks that what is left is in its place, and is all that the journal believes to have; returns its last sequence. */
async function kept(folder: string, keep: number): Promise<number> {
  await using journal = await openTestJournal(folder, { keep: { size: keep, age: 1e12 } });
  const values = await storedValues(journal);
  expect([...values].filter(([sequence, value]) => sequence !== value)).toEqual([]);
  await expectComplete(journal, 'other', []);
  return journal.last;
}
