import type { Clock } from '../model/clock.ts';

/** Milliseconds after which whoever waits is told what for, and between two such words. */
const PATIENCE = 2000;
const SPIN = 200;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

const COLUMNS = 80; // of a terminal that does not say

/** How far a command is, in a few words. */
export type Ticker = Disposable & { readonly show: (text: string) => void };

/** Where a command's results go: the standard output, for people or (with --json) for programs. */
export class Output {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #clock: Clock;
  #ticker: string | undefined;

  constructor(options: { readonly json: boolean; readonly quiet: boolean; readonly clock: Clock }) {
    this.json = options.json;
    this.#quiet = options.quiet;
    this.#clock = options.clock;
  }

  /** The result of the command: `value` as one line of JSON, or the text for people. */
  async result(value: unknown, text: () => string | Promise<string>): Promise<void> {
    this.line(this.json ? JSON.stringify(value) : await text());
  }

  /** One line of the standard output. */
  line(text: string): void {
    this.#hideTicker();
    process.stdout.write(`${text}\n`);
    this.#showTicker();
  }

  /** A remark beside the result, for people only. */
  note(text: string): void {
    if (this.#quiet || this.json) return;
    this.#hideTicker();
    process.stderr.write(`${text}\n`);
    this.#showTicker();
  }

  get #isWatched(): boolean {
    return !this.#quiet && !this.json && process.stderr.isTTY;
  }

  /** A line below the others that says how far the command is, where somebody looks; until it is disposed. */
  ticker(): Ticker {
    return {
      show: (text) => {
        if (!this.#isWatched) return;
        this.#ticker = text;
        this.#showTicker();
      },
      [Symbol.dispose]: () => {
        this.#hideTicker();
        this.#ticker = undefined;
      },
    };
  }

  #showTicker(): void {
    if (this.#ticker === undefined) return;
    // One line, whatever happens: what wraps could not be wiped away.
    const width = Math.max(1, (process.stderr.columns || COLUMNS) - 1);
    process.stderr.write(`\r${this.#ticker.slice(0, width)}\x1b[K`);
  }

  #hideTicker(): void {
    if (this.#ticker !== undefined) process.stderr.write('\r\x1b[K');
  }

  /** Shows that the command is at work, once that takes long and somebody looks; until it is disposed. */
  progress(text: string): Disposable {
    if (!this.#isWatched) return { [Symbol.dispose]: () => undefined };
    let turn = 0;
    const spin = (): void => {
      process.stderr.write(`\r${SPINNER[turn % SPINNER.length]} ${text}\x1b[K`);
      turn += 1;
      cancel = this.#clock.after(SPIN, spin);
    };
    let cancel = this.#clock.after(PATIENCE, spin);
    return {
      [Symbol.dispose]: () => {
        cancel();
        if (turn > 0) process.stderr.write('\r\x1b[K');
      },
    };
  }
}
