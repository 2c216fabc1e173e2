import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { AbortWatch } from './abort-watch.ts';
import { answered, waitFor } from './client.ts';
import type { Answer, Ask, Client, ClientContext, FailureReason, Pending } from './client.ts';
import { explainFrame } from './explain.ts';
import { NOTHING } from './framing.ts';
import type { Found, Framing, Message } from './framing.ts';
import { codeOf, EXCEPTION_FLAG, fitOf, measureRequests } from './pdu.ts';
import type { Question } from './pdu.ts';
import type { Transactions } from './transactions.ts';

export type NumberedSettings = {
  readonly framing: Framing;
  readonly transactions: Transactions;
  /** How many requests may be outstanding. */
  readonly pipeline: number;
};

type Fault = Extract<FailureReason, 'malformed-answer' | 'foreign-answer'>;

/**
 * Asks over a wire whose frames are numbered. An answer must bear the number of a request that waits, and its unit,
 * function and byte count. After the first failure the wire is spent: nothing that still arrives can become an answer.
 */
export class NumberedClient implements Client {
  readonly #wire: Wire;
  readonly #settings: NumberedSettings;
  readonly #context: ClientContext;
  readonly #pending = new Map<number, Pending>();
  readonly #signals = new AbortWatch((signal) => this.#giveUp(signal));
  #rest = NOTHING;
  #heardAt = Number.NEGATIVE_INFINITY;
  /** For what is observed while nothing is outstanding. */
  #lastDevice: string | undefined;

  constructor(wire: Wire, settings: NumberedSettings, context: ClientContext) {
    this.#wire = wire;
    this.#settings = settings;
    this.#context = context;
    wire.listen({
      received: (bytes) => this.#received(bytes),
      lost: (error) => this.#end((pending) => pending.settle(failure('not-connected', error.message))),
    });
  }

  get usable(): boolean {
    return this.#wire.open;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  ask(ask: Ask, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#pending.size >= this.#settings.pipeline) {
      return Promise.reject(new GatewayError('failed', 'a request was still outstanding'));
    }
    const transaction = this.#settings.transactions.next();
    const late = (pending: Pending): void => this.#timeOut(transaction, pending);
    this.#signals.watch(signal, this.#pending.size === 0);
    const { pending, answer } = waitFor(ask, signal, { clock: this.#context.clock, late });
    this.#pending.set(transaction, pending);
    this.#lastDevice = ask.device;
    this.#send(transaction, ask.question);
    return answer;
  }

  tell(question: Question): void {
    this.#send(this.#settings.transactions.next(), question);
  }

  #send(transaction: number, { unit, pdu }: Question): void {
    const bytes = this.#settings.framing.encode({ transaction, unit, pdu });
    this.#context.tap.listener?.({ direction: 'sent', bytes, meaning: explainFrame('sent', { unit, pdu }) });
    this.#wire.send(bytes);
  }

  #received(bytes: Buffer): void {
    this.#heardAt = this.#context.clock.monotonic();
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    // The length stands in each frame: what may come need not be known.
    const { found, rest } = this.#settings.framing.cut(all, measureRequests);
    this.#rest = rest;
    for (const piece of found) {
      this.#take(piece);
      if (!this.#wire.open) return;
    }
  }

  #take(found: Found): void {
    if (found.kind !== 'frame') {
      this.#show(found.bytes, () => 'no frame');
      const fault = found.kind === 'malformed' ? found.fault : found.kind;
      this.#spoil(this.#pending.keys().next().value, 'malformed-answer', fault);
      return;
    }
    const pending = this.#pending.get(found.transaction);
    if (pending !== undefined) this.#takeAnswer(found, pending);
    else if (this.#settings.transactions.wasIssued(found.transaction)) {
      this.#show(found.bytes, () => `late: ${explainFrame('received', found)}`);
      this.#observe('late-frame', `another answer to transaction ${found.transaction}`);
    } else {
      this.#show(found.bytes, () => `foreign: ${explainFrame('received', found)}`);
      const detail = `an answer to transaction ${found.transaction}, which was never asked`;
      this.#spoil(this.#pending.keys().next().value, 'foreign-answer', detail);
    }
  }

  #takeAnswer(found: Found & Message, pending: Pending): void {
    this.#show(found.bytes, () => explainFrame('received', found));
    if (fitOf(found, pending.question) === undefined) {
      const asked = explainFrame('sent', pending.question);
      this.#spoil(
        found.transaction,
        faultOf(found, pending.question),
        `to "${asked}" came ${found.bytes.toString('hex')}`,
      );
      return;
    }
    this.#pending.delete(found.transaction);
    pending.settle(answered(pending, found.pdu, this.#heardAt));
  }

  #show(bytes: Buffer, meaning: () => string): void {
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning: meaning() });
  }

  #observe(event: Parameters<ClientContext['observe']>[0], detail: string, device = this.#lastDevice): void {
    this.#context.observe(event, device, detail);
  }

  /** Whoever asked under this signal waits no longer; the answers may still come, so that the wire is spent. */
  #giveUp(signal: AbortSignal): void {
    const waiting = [...this.#pending].filter(([, pending]) => pending.signal === signal);
    if (waiting.length === 0) return;
    for (const [transaction, pending] of waiting) {
      this.#pending.delete(transaction);
      pending.giveUp();
    }
    this.#fail(undefined, 'displaced', 'another request was given up');
  }

  #timeOut(transaction: number, { device, wait }: Pending): void {
    const detail = `no answer within ${Math.round(wait)} ms`;
    this.#observe('timeout', detail, device);
    this.#fail(transaction, 'no-answer', detail);
  }

  #spoil(culprit: number | undefined, reason: Fault, detail: string): void {
    const device = culprit === undefined ? undefined : this.#pending.get(culprit)?.device;
    this.#observe(reason === 'malformed-answer' ? 'malformed-frame' : 'foreign-frame', detail, device);
    this.#fail(culprit, reason, detail);
  }

  #fail(culprit: number | undefined, reason: FailureReason, detail: string): void {
    const blamed = culprit === undefined ? undefined : this.#pending.get(culprit);
    this.#end((pending) => {
      if (pending === blamed) pending.settle(failure(reason, detail));
      else pending.settle(failure('displaced', 'another request on the same connection failed'));
    });
  }

  #end(settle: (pending: Pending) => void): void {
    this.#wire.destroy();
    this.#signals.forget();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) settle(pending);
  }

  spend(): void {
    this.#end((pending) => pending.settle(failure('not-connected', 'the connection was closed')));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    this.spend();
    return this.#wire[Symbol.asyncDispose]();
  }
}

function failure(reason: FailureReason, detail: string): Answer {
  return { kind: 'failed', reason, detail };
}

/** What is wrong with a frame that bears the right number. */
function faultOf({ unit, pdu }: Message, question: Question): Fault {
  const isOfFunction = ((pdu[0] ?? 0) & ~EXCEPTION_FLAG) === codeOf(question);
  return unit === question.unit && isOfFunction ? 'malformed-answer' : 'foreign-answer';
}
