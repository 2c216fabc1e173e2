import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Answer, Ask, Client, FailureReason } from './client.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { exceptions } from './exceptions.ts';
import { NumberedClient } from './numbered-client.ts';
import { OwedAnswers } from './owed-answers.ts';
import { Pacing } from './pacing.ts';
import type { Question } from './pdu.ts';
import { ResponseTimes } from './response-times.ts';
import { Transactions } from './transactions.ts';
import { transportOf } from './transport.ts';
import type { Transport } from './transport.ts';
import { TurnClient } from './turn-client.ts';

export type ExchangeOptions = {
  readonly signal: AbortSignal;
  /** Asks no second time, whatever `retries` says. */
  readonly once?: boolean;
  /** Waits only for as long as answers take here. */
  readonly short?: boolean;
  /** Milliseconds that it waits at most, besides the time on a serial line; absent: the connection's timeout. */
  readonly longest?: number;
};

// What another attempt can cure. On a numbered wire an answer that breaks the rules would only be broken again; on a
// line it was mostly disturbed.
const REPEATED_NUMBERED: readonly FailureReason[] = ['no-answer', 'not-connected', 'displaced'];
const REPEATED_ON_LINE: readonly FailureReason[] = [...REPEATED_NUMBERED, 'malformed-answer', 'foreign-answer'];

const MOST_DISPLACEMENTS = 3;
const MOST_PROBES = 4;
// A tunnel that brings nothing for so many requests in a row may lead nowhere: it is made anew.
const SILENT_TUNNEL = 3;

/** What is to be asked as soon as that may be. */
type Wish = Omit<Ask, 'askedAt'>;

const OWING: Answer = { kind: 'failed', reason: 'no-answer', detail: 'it answers older requests', unsent: true };

const LONGEST_FRAME = 513; // characters, of ASCII
const TURNAROUND = 100; // milliseconds; MODBUS over Serial Line 1.02, 2.4.1: what the units get to digest a broadcast

/**
 * The connection to one server or line. A request that fails spends a numbered wire, and the next one gets a fresh one;
 * on a line the unit owes an answer from then on, and is probed before it is asked again.
 */
export class Link implements AsyncDisposable {
  /** How many requests may be outstanding at once. */
  readonly width: number;
  readonly #settings: ConnectionSettings;
  readonly #context: DriverContext;
  readonly #transport: Transport;
  readonly #pacing: Pacing;
  readonly #transactions = new Transactions();
  readonly #owed = new OwedAnswers();
  readonly #times = new ResponseTimes();
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  #silentInRow = 0;

  private constructor(settings: ConnectionSettings, context: DriverContext) {
    this.#settings = settings;
    this.#context = context;
    this.width = 'pipeline' in settings ? settings.pipeline : 1;
    this.#transport = transportOf(settings);
    this.#pacing = new Pacing(context.clock, { pause: settings.pause, gap: this.#transport.line?.gap ?? 0 });
  }

  /** Connects, or throws `connection-failed`, `port-missing` or the signal's reason. */
  static async open(settings: ConnectionSettings, context: DriverContext, signal: AbortSignal): Promise<Link> {
    const link = new Link(settings, context);
    await link.#connect(signal);
    return link;
  }

  /** Whether unit 0 is all units, as on a serial line, here or behind a tunnel. */
  get hasBroadcast(): boolean {
    return !this.#transport.framing.numbered;
  }

  /** Whether it is a serial line of this machine. */
  get isLine(): boolean {
    return this.#transport.line !== undefined;
  }

  /**
   * Asks for a device, and asks again as often as `retries` allows. Rejects when the server or line cannot be reached
   * any more, and with the signal's reason.
   */
  async exchange(device: string, question: Question, options: ExchangeOptions): Promise<Answer> {
    const { signal, once = false } = options;
    const ask = { question, device, wait: this.#waitFor(question, options), isProbe: false };
    let answer = await this.#attempt(ask, signal);
    if (answer.kind !== 'failed') return answer;
    const budget = { repeats: once ? 0 : this.#settings.retries, displacements: once ? 0 : MOST_DISPLACEMENTS };
    while (answer.kind === 'failed' && this.#mayRepeat(answer.reason, budget))
      answer = await this.#attempt(ask, signal);
    return answer.kind === 'failed' ? this.#confirmed(answer, signal) : answer;
  }

  #waitFor(question: Question, { short = false, longest = Infinity }: ExchangeOptions): number {
    const timeout = Math.min(this.#settings.timeout, longest);
    return this.#onLine(question) + (short ? this.#times.shortWait(question.unit, timeout) : timeout);
  }

  /** Says what all units of a line hear and none answers, and leaves them the time to digest it. */
  async broadcast(question: Question, signal: AbortSignal): Promise<void> {
    await this.#pacing.untilReady(this.#heardAt, signal);
    const client = await this.#usableClient(signal);
    client.tell(question);
    const onLine = this.#transport.line?.onLine(this.#transport.framing.frameBytes(question.pdu.length)) ?? 0;
    this.#pacing.hold(onLine + TURNAROUND);
    await this.#pacing.untilReady(this.#heardAt, signal);
  }

  #mayRepeat(reason: FailureReason, budget: { repeats: number; displacements: number }): boolean {
    if (reason === 'displaced' && budget.displacements > 0) {
      budget.displacements -= 1;
      return true;
    }
    const curable = this.#transport.framing.numbered ? REPEATED_NUMBERED : REPEATED_ON_LINE;
    budget.repeats -= 1;
    return budget.repeats >= 0 && curable.includes(reason);
  }

  /** Many gateways hang up on whoever asks for a dead unit: while they can be reached, it is the unit that is lost. */
  async #confirmed(answer: Answer & { kind: 'failed' }, signal: AbortSignal): Promise<Answer> {
    if (answer.reason !== 'not-connected' && answer.reason !== 'displaced') return answer;
    await this.#usableClient(signal);
    return { ...answer, reason: 'no-answer' };
  }

  /** Milliseconds that request and answer take on a serial line. */
  #onLine({ pdu, answer }: Question): number {
    const { line, framing } = this.#transport;
    if (line === undefined) return 0;
    const answerBytes = typeof answer.size === 'number' ? framing.frameBytes(answer.size) : LONGEST_FRAME;
    return line.onLine(framing.frameBytes(pdu.length) + answerBytes);
  }

  #attempt(ask: Wish, signal: AbortSignal): Promise<Answer> {
    return this.#owed.mayAsk(ask.question) ? this.#ask(ask, signal) : this.#probeAndAsk(ask, signal);
  }

  async #probeAndAsk(ask: Wish, signal: AbortSignal): Promise<Answer> {
    for (let probes = 0; !this.#owed.mayAsk(ask.question); probes++) {
      if (probes === MOST_PROBES) return OWING;
      const probe = await this.#ask({ ...ask, question: this.#owed.probeFor(ask.question), isProbe: true }, signal);
      if (probe.kind === 'failed') return { ...probe, unsent: true };
    }
    return this.#ask(ask, signal);
  }

  /** At its best a request is one wait, for its answer: nothing is awaited that need not be. */
  async #ask({ question, device, wait, isProbe }: Wish, signal: AbortSignal): Promise<Answer> {
    const pause = this.#pacing.untilReady(this.#heardAt, signal);
    if (pause !== undefined) await pause;
    const client = this.#client?.usable === true ? this.#client : await this.#usableClient(signal);
    const ask = { question, device, wait, isProbe, askedAt: this.#context.clock.monotonic() };
    const answer = await client.ask(ask, signal);
    if (answer.kind === 'failed') this.#failed(ask, answer.reason, client);
    else this.#answered(ask, answer);
    return answer;
  }

  #answered({ question, device }: Ask, answer: Exclude<Answer, { kind: 'failed' }>): void {
    this.#silentInRow = 0;
    this.#pacing.ended();
    // These two come from a gateway: its unit said nothing.
    if (answer.kind === 'exception' && GATEWAY_EXCEPTIONS.includes(answer.code)) return;
    this.#times.answered(question.unit, answer.milliseconds);
    this.#context.answered(device, answer.milliseconds);
  }

  #failed({ question, wait, askedAt }: Ask, reason: FailureReason, client: Client): void {
    this.#pacing.ended();
    if (this.#transport.framing.numbered || reason === 'not-connected') return;
    const quiet = Math.min(this.#times.longest(question.unit) ?? wait, this.#settings.timeout);
    this.#pacing.awaitQuiet({ since: askedAt, length: quiet, limit: wait });
    this.#silentInRow = client.heardAt >= askedAt ? 0 : this.#silentInRow + 1;
    if (this.#silentInRow >= SILENT_TUNNEL && this.#transport.line === undefined) {
      this.#silentInRow = 0;
      client.spend();
    }
  }

  readonly #heardAt = (): number => this.#client?.heardAt ?? Number.NEGATIVE_INFINITY;

  async #usableClient(signal: AbortSignal): Promise<Client> {
    if (this.#client?.usable === true) return this.#client;
    // Many devices close a connection that was idle for a while.
    this.#connecting ??= this.#connect(signal).finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #connect(signal: AbortSignal): Promise<Client> {
    const { clock } = this.#context;
    // A port must be free before it can be opened again.
    await this.#client?.[Symbol.asyncDispose]();
    const wire = await this.#transport.open(clock, AbortSignal.any([signal, this.#closing.signal]));
    const { framing } = this.#transport;
    this.#client = framing.numbered
      ? new NumberedClient(wire, { framing, transactions: this.#transactions, pipeline: this.width }, this.#context)
      : new TurnClient(
          wire,
          {
            framing,
            owed: this.#owed,
            echo: 'echo' in this.#settings && this.#settings.echo,
            late: (unit, milliseconds) => this.#times.answered(unit, milliseconds),
          },
          this.#context,
        );
    return this.#client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new GatewayError('connection-lost', 'the session was closed'));
    await this.#client?.[Symbol.asyncDispose]();
  }
}

const GATEWAY_EXCEPTIONS: readonly number[] = [exceptions.noPath, exceptions.targetFailed];
