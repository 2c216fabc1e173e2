import type { Clock } from '../model/clock.ts';

/** Milliseconds after which whoever waits is told what for, and between two such words. */
const PATIENCE = 2000;
const SPIN = 200;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Where a command's results go: the standard output, for people or (with --json) for programs. */
export class Output {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #clock: Clock;

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
    process.stdout.write(`${text}\n`);
  }

  /** A remark beside the result, for people only. */
  note(text: string): void {
    if (!this.#quiet && !this.json) process.stderr.write(`${text}\n`);
  }

  /** Shows that the command is at work, once that takes long and somebody looks; until it is disposed. */
  progress(text: string): Disposable {
    if (this.#quiet || this.json || !process.stderr.isTTY) return { [Symbol.dispose]: () => undefined };
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
