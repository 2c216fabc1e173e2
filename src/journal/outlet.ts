import type { Range } from '../model/ranges.ts';
import type { CommittedBatch, ReadLimit, Stretch } from './journal.ts';

const PAGE: ReadLimit = { readings: 50_000, bytes: 1_048_576 };

export type OutletOptions = {
  /** The newest sequence that there was before. */
  readonly last: number;
  /** Whether what is committed goes out at once. */
  readonly isOpen: boolean;
  /** Reads back what was held; as `Journal.read`. */
  readonly read: (range: Range, limit: ReadLimit) => Promise<Stretch>;
};

/** Hands out committed batches in their order; while it is shut they wait in the journal, not in memory. */
export class Outlet {
  readonly #listeners = new Set<(batch: CommittedBatch) => void>();
  readonly #read: OutletOptions['read'];
  #last: number;
  #committed: number;
  #isOpen: boolean;
  #opening: Promise<void> | undefined;

  constructor({ last, isOpen, read }: OutletOptions) {
    this.#last = last;
    this.#committed = last;
    this.#isOpen = isOpen;
    this.#read = read;
  }

  /** The newest sequence handed out. */
  get last(): number {
    return this.#last;
  }

  /** The newest sequence committed. */
  get committed(): number {
    return this.#committed;
  }

  /** The newest sequence that may have gone out, whatever happens meanwhile. */
  get mayBeOut(): number {
    return this.#isOpen || this.#opening !== undefined ? Infinity : this.#last;
  }

  listen(listener: (batch: CommittedBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  take(batch: CommittedBatch): void {
    this.#committed = batch.first + batch.count - 1;
    if (this.#isOpen) this.#handOut(batch);
  }

  /** Hands out what waits, then everything at once. Rejects as `read` does. */
  open(): Promise<void> {
    this.#opening ??= this.#release();
    return this.#opening;
  }

  async #release(): Promise<void> {
    while (this.#last < this.#committed) {
      const { range, batches } = await this.#read({ after: this.#last, upto: this.#committed }, PAGE);
      for (const batch of batches) this.#handOut(batch);
      this.#last = Math.max(this.#last, range.upto); // also over what retention has taken
    }
    this.#isOpen = true;
  }

  #handOut(batch: CommittedBatch): void {
    this.#last = batch.first + batch.count - 1;
    for (const listener of this.#listeners) listener(batch);
  }
}
