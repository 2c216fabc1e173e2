import type { BrokerEvent, Centre } from '../centre/centre.ts';
import type { Entry } from '../centre/ledger.ts';
import type { RepairEvent } from '../centre/repair.ts';
import type { StoreEvent } from '../centre/store/store.ts';
import { asGatewayError, GatewayError, messageOf } from '../model/errors.ts';
import { showRanges } from '../model/ranges.ts';
import { centreScreen } from './centre-screen.ts';
import type { Context } from './context.ts';
import { paint, plural, printable } from './format.ts';
import { liveScreen } from './live-screen.ts';

const REDRAW = 1000; // milliseconds
const FAULTS_TOLD = 20; // a flood of them must not become a flood of lines

const nothing: Disposable = { [Symbol.dispose]: () => undefined };

/** What is shown while a centre runs: a live screen to people, lines on the standard error where there is no terminal. */
export class CentreProgress {
  readonly #context: Context;
  readonly #url: string;
  /** Seconds between reports to programs; undefined: only the last one. */
  readonly #every: number | undefined;
  /** The group that it is one of: what it got is not all there is. */
  readonly #share: string | undefined;
  #state: 'connecting' | 'connected' | 'lost' = 'connecting';
  #error: unknown;
  #contact = false;
  #faults = 0;
  #onScreen = false;

  constructor(
    context: Context,
    { url, every, share }: { readonly url: string; readonly every?: number; readonly share?: string },
  ) {
    this.#share = share;
    this.#context = context;
    this.#url = url;
    this.#every = every;
  }

  /** Shows how the centre is, until it is disposed. */
  show(centre: Centre): Disposable {
    const { output, options, clock } = this.#context;
    if (output.json) return this.#every === undefined ? nothing : this.#reports(centre, this.#every * 1000);
    if (options.quiet === true || !process.stdout.isTTY) return nothing;
    this.#onScreen = true;
    return liveScreen(async () => `${this.#broker()}\n\n${await this.#received(centre)}`, REDRAW, clock);
  }

  async #received(centre: Centre): Promise<string> {
    const report = centre.report();
    if (this.#share === undefined) return centreScreen(report);
    const received = plural(report.received, 'reading');
    return `${received} as a part of ${this.#share}: \`weir centre report\` says what all of them have`;
  }

  heard(event: BrokerEvent): void {
    this.#error = event.kind === 'lost' ? event.error : undefined;
    this.#change(event.kind === 'lost' ? 'lost' : 'connected');
  }

  heardStore(event: StoreEvent): void {
    if (event.kind === 'back') this.#tell('the store is back');
    else this.#tell(paint('red', `the store is lost: ${messageOf(event.error)}; trying again`));
  }

  /** Tells of what was asked for once more. */
  repaired({ gateway, holes, outcome, detail }: RepairEvent): void {
    const what = `${showRanges(holes)} of ${gateway}`;
    if (outcome === 'asked') this.#tell(`asked for what is missing, ${what}: ${printable(detail)}`);
    else this.#tell(paint('yellow', `${what} stays missing, ${outcome}: ${printable(detail)}`));
  }

  #change(state: 'connected' | 'lost'): void {
    this.#contact ||= state === 'connected';
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(this.#broker());
  }

  /** Faults are told as they come: the report at the end does not say when. */
  took(entry: Entry): void {
    // What the broker had kept may come before it has confirmed the subscription.
    if (this.#state === 'connecting') this.#change('connected');
    if (entry.kind === 'rejected') this.#fault(`rejected (${entry.reason}): ${entry.detail}`);
    if (entry.kind !== 'data') return;
    for (const { gateway, seq, what } of entry.conflicts) {
      this.#fault(`conflict: reading ${seq} of ${gateway} has ${what} in a repeat`);
    }
  }

  /** Throws the reason when the broker was never reached. */
  requireContact(): void {
    if (this.#contact) return;
    if (this.#error !== undefined) throw asGatewayError(this.#error, 'destination-unreachable');
    throw new GatewayError('destination-unreachable', `${this.#url} did not answer in time`);
  }

  #broker(): string {
    if (this.#state === 'connected') return `${paint('green', 'connected')} to ${this.#url}`;
    if (this.#state === 'connecting') return `${paint('yellow', 'connecting')} to ${this.#url}`;
    return `${paint('red', 'lost')} ${messageOf(this.#error)}; trying again`;
  }

  #reports(centre: Centre, period: number): Disposable {
    const { output, clock } = this.#context;
    const tell = (): void => {
      output.line(JSON.stringify(centre.report()));
      cancel = clock.after(period, tell);
    };
    let cancel = clock.after(period, tell);
    return { [Symbol.dispose]: () => cancel() };
  }

  #fault(text: string): void {
    this.#faults += 1;
    if (this.#faults <= FAULTS_TOLD) this.#tell(paint('red', text));
    if (this.#faults === FAULTS_TOLD) this.#tell('further faults are only counted');
  }

  #tell(text: string): void {
    if (!this.#onScreen) this.#context.output.note(text);
  }
}
