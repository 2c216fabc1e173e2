import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../journal/journal.ts';

/**
 * Counts the connections to one destination, in a small file beside the journal: a far end that hears of the end of an
 * old connection late must not take it for that of the new one, also when the gateway was restarted in between.
 */
export class ConnectionCount {
  readonly #journal: Journal;
  readonly #name: string;
  #made = 0;

  constructor(journal: Journal, destination: string) {
    this.#journal = journal;
    this.#name = `${destination}.connections`;
  }

  /** The number of the connection that is made now, from 0. */
  async next(): Promise<number> {
    const { path } = await this.#journal.status();
    const file = join(path, this.#name);
    const number = Math.max(this.#made, await readCount(file));
    this.#made = number + 1;
    // A disk that takes nothing must not keep us from delivering: the count is then right until the next restart.
    await writeWhole(file, `${this.#made}\n`).catch(() => undefined);
    return number;
  }
}

/** Whole or not at all: half a number would be another one. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

/** 0 where nothing was counted, or something else than a number is there. */
async function readCount(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '0');
  const count = Number(text.trim());
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}
