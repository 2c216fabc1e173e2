/**
 * A few small texts that outlive the process, by key: counters that must never repeat, holes that are still to be filled.
 * Not for what changes with every reading.
 */
export interface StateStore {
  get(key: string): string | undefined;
  /** Durable when it resolves; undefined removes the key. Rejects with `journal-failed` where it cannot be kept. */
  put(key: string, value: string | undefined): Promise<void>;
}
