import type { CommandResult } from '../model/command.ts';

const MOST = 1000;

/** What a centre is still to be told about its commands, oldest first. Bounded: who is away for long misses the oldest. */
export class Answers {
  readonly #results = new Set<CommandResult>();
  #listener: () => void = () => undefined;

  get waiting(): readonly CommandResult[] {
    return [...this.#results];
  }

  add(result: CommandResult): void {
    this.#results.add(result);
    for (const oldest of this.#results) {
      if (this.#results.size <= MOST) break;
      this.#results.delete(oldest);
    }
    this.#listener();
  }

  /** The centre's broker has taken responsibility for it. */
  told(result: CommandResult): void {
    this.#results.delete(result);
  }

  /** Calls `listener` whenever there is more to tell, in place of the one before. */
  onMore(listener: () => void): void {
    this.#listener = listener;
  }
}
