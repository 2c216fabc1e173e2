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

/** The broker's absence: begins at its time, lasts five seconds, and happens once. */
export class Outage {
  readonly #settings: OutageSettings;
  #over: Promise<void> | undefined;
  /** Whether it lasts now. */
  isOn = false;
  /** How long it lasted, milliseconds; 0 before its end. */
  length = 0;

  constructor(settings: OutageSettings) {
    this.#settings = settings;
  }

  /** Begins it once it is due, `elapsed` milliseconds into the demonstration; aborting `signal` cuts it short. */
  turn(elapsed: number, signal: AbortSignal): void {
    if (this.#over !== undefined || elapsed < this.#settings.from) return;
    this.#over = this.#happen(signal);
    this.#over.catch(() => undefined); // over() tells
  }

  /** Resolves once the broker is there, after the outage or because there was none; rejects if it could not come back. */
  async over(): Promise<void> {
    await this.#over;
  }

  async #happen(signal: AbortSignal): Promise<void> {
    const { broker, narrator, clock } = this.#settings;
    narrator.heading('the broker goes away for 5 s: the journal keeps what is read');
    const began = clock.monotonic();
    this.isOn = true;
    await broker.goAway();
    await clock.sleep(LENGTH, signal).catch(() => undefined);
    await broker.comeBack();
    this.isOn = false;
    this.length = clock.monotonic() - began;
    narrator.heading('the broker is back: once the gateway has found it, the backlog drains beside the live values');
  }
}
