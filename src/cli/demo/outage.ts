import type { Clock } from '../../model/clock.ts';
import type { DemoBroker } from './broker.ts';
import type { Narrator } from './narrator.ts';

const LENGTH = 5_000; // milliseconds

type OutageSettings = {
  readonly broker: DemoBroker;
  readonly narrator: Narrator;
  readonly clock: Clock;
  /** Milliseconds into the demonstration. */
  readonly from: number;
};

/** The broker's absence: begins at its time, ends five seconds later, and happens once. */
export class Outage {
  readonly #settings: OutageSettings;
  #began: number | undefined;
  #ended: number | undefined;

  constructor(settings: OutageSettings) {
    this.#settings = settings;
  }

  /** Does what is due, `elapsed` milliseconds into the demonstration. */
  async turn(elapsed: number): Promise<void> {
    const { broker, narrator, clock, from } = this.#settings;
    if (this.#began === undefined && elapsed >= from) {
      narrator.heading('the broker goes away for 5 s: the journal keeps what is read');
      await broker.goAway();
      this.#began = clock.monotonic();
    } else if (this.#began !== undefined && clock.monotonic() - this.#began >= LENGTH) await this.end();
  }

  /** Brings the broker back if it is away. */
  async end(): Promise<void> {
    if (this.#began === undefined || this.#ended !== undefined) return;
    const { broker, narrator, clock } = this.#settings;
    await broker.comeBack();
    this.#ended = clock.monotonic();
    narrator.heading('the broker is back: the backlog drains beside the live values');
  }

  get seconds(): number {
    return Math.round((this.#ended ?? 0) - (this.#began ?? 0)) / 1_000;
  }
}
