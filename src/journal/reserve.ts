import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// The log holds up to 1 MiB of pages for which the database's file may have to grow; as much again for the log itself.
const RESERVE_BYTES = 2 * 1_048_576;

/** Disk space kept for the moment when there is no other: with none at all, not even deleting works. */
export class Reserve {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'reserve');
  }

  /** Gives the space to whoever needs it. */
  release(): void {
    rmSync(this.#path, { force: true });
  }

  /** Takes the space, if the disk has it to spare; says whether it is held. */
  take(): boolean {
    if (statSync(this.#path, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return true;
    try {
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES));
      return true;
    } catch {
      this.release();
      return false;
    }
  }
}
