import type { Clock } from '../../model/clock.ts';
import type { Report } from '../../ops/events.ts';

const MINUTE = 60_000; // milliseconds
const TOLD_A_MINUTE = 10;

// What a client calls itself and why it was refused are its own words in part: as much as names and thumbprints need.
const LONGEST_TEXT = 256; // characters

/**
 * Who was refused is told, the first ones of a minute each; the rest of a flood is counted, and told when the minute is
 * over. So nobody who may not come in can fill the log.
 */
export class Refusals {
  readonly #server: string;
  readonly #clock: Clock;
  readonly #report: Report;
  #told = 0;
  #untold = 0;
  #cancel: (() => void) | undefined;

  constructor(server: string, { clock, report }: { readonly clock: Clock; readonly report: Report }) {
    this.#server = server;
    this.#clock = clock;
    this.#report = report;
  }

  add(client: string, reason: string): void {
    this.#cancel ??= this.#clock.after(MINUTE, () => this.flush());
    if (this.#told >= TOLD_A_MINUTE) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    this.#report('client-refused', { server: this.#server, client: short(client), reason: short(reason) });
  }

  /** Tells how many were only counted; the next minute begins. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#untold > 0) this.#report('clients-refused', { server: this.#server, count: this.#untold });
    this.#told = 0;
    this.#untold = 0;
  }
}

function short(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
