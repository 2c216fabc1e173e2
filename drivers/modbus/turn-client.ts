import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { AbortWatch } from './abort-watch.ts';
import { answered, waitFor } from './client.ts';
import type { Answer, Ask, Client, ClientContext, FailureReason, Pending } from './client.ts';
import { explainFrame } from './explain.ts';
import { NOTHING } from './framing.ts';
import type { Framing, Message } from './framing.ts';
import { LineReader } from './line-reader.ts';
import type { Piece } from './line-reader.ts';
import type { OwedAnswers } from './owed-answers.ts';
import type { Question } from './pdu.ts';
import { describeNoise, describeStray, MISSING_ECHO, UNEXPECTED_ECHO } from './strays.ts';
import type { Stray } from './strays.ts';

export type TurnSettings = {
  readonly framing: Framing;
  readonly owed: OwedAnswers;
  /** The adapter hands back what it sends. */
  readonly echo: boolean;
  /** Told of each late answer of a unit, so many milliseconds after its question. */
  readonly late: (unit: number, milliseconds: number) => void;
};

const MOST_NOISE = 256; // bytes kept to be described: a frame

/**
 * Asks over a line whose frames bear no numbers, one question after the other. What arrives is the answer when it is a
 * sound frame of the unit asked, of its function and the length due, and nothing that was asked before explains it.
 */
export class TurnClient implements Client {
  readonly #wire: Wire;
  readonly #settings: TurnSettings;
  readonly #context: ClientContext;
  readonly #reader: LineReader;
  readonly #signals = new AbortWatch(() => this.#leave()?.giveUp());
  #current: Pending | undefined;
  /** What was answered last: some adapters and repeaters say things twice. */
  #last: Ask | undefined;
  #sent = NOTHING;
  #noise = NOTHING;
  #isDamaged = false;
  /** What arrived instead of the answer. */
  #blame: FailureReason | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(wire: Wire, settings: TurnSettings, context: ClientContext) {
    this.#wire = wire;
    this.#settings = settings;
    this.#context = context;
    this.#reader = new LineReader(settings.framing);
    wire.listen({
      received: (bytes) => this.#received(bytes),
      lost: (error) => this.#end(error.message),
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
    if (this.#current !== undefined) {
      return Promise.reject(new GatewayError('failed', 'a request was still outstanding'));
    }
    this.#discard();
    this.#signals.watch(signal, true);
    const { pending, answer } = waitFor(ask, signal, { clock: this.#context.clock, late: this.#timeOut });
    this.#current = pending;
    this.#send(ask.question);
    return answer;
  }

  tell(question: Question): void {
    this.#discard();
    this.#send(question);
  }

  #send({ unit, pdu }: Question): void {
    this.#blame = undefined;
    this.#sent = this.#settings.framing.encode({ transaction: 0, unit, pdu });
    if (this.#settings.echo) this.#reader.expectEcho(this.#sent);
    this.#context.tap.listener?.({
      direction: 'sent',
      bytes: this.#sent,
      meaning: explainFrame('sent', { unit, pdu }),
    });
    this.#wire.send(this.#sent);
  }

  /** What arrived until now cannot be the answer to what is asked next. */
  #discard(): void {
    for (const piece of this.#reader.drop(this.#settings.owed.questions)) this.#take(piece);
    this.#tellNoise();
  }

  #received(bytes: Buffer): void {
    this.#heardAt = this.#context.clock.monotonic();
    const expected = { asked: this.#current?.question, owed: this.#settings.owed.questions };
    const awaitedEcho = this.#reader.awaitsEcho;
    const pieces = this.#reader.push(bytes, expected);
    if (awaitedEcho && !this.#reader.awaitsEcho) this.#show(this.#sent, () => 'echo');
    for (const piece of pieces) this.#take(piece);
  }

  #take(piece: Piece): void {
    if (piece.kind !== 'frame') {
      this.#noise = Buffer.concat([this.#noise, piece.bytes.subarray(0, MOST_NOISE - this.#noise.length)]);
      this.#isDamaged ||= piece.kind === 'checksum-error';
      return;
    }
    const current = piece.isOld ? undefined : this.#current;
    const verdict = this.#settings.owed.judge(piece, current);
    if (verdict.kind === 'late') this.#tellLate(piece, this.#heardAt - verdict.askedAt);
    else if (verdict.kind === 'answer' && current !== undefined) this.#takeAnswer(piece, current);
    else this.#tellStray(piece);
  }

  #takeAnswer(piece: Message & Piece, current: Pending): void {
    this.#show(piece.bytes, () => explainFrame('received', piece));
    this.#last = current;
    this.#current = undefined;
    current.settle(answered(current, piece.pdu, this.#heardAt));
  }

  #tellLate(piece: Message & Piece, milliseconds: number): void {
    this.#show(piece.bytes, () => `late: ${explainFrame('received', piece)}`);
    this.#settings.late(piece.unit, milliseconds);
    const detail = `unit ${piece.unit} answered ${Math.round(milliseconds)} ms after it was asked: the timeout is too short`;
    this.#observe('late-frame', detail);
  }

  #tellStray(frame: Message & { readonly bytes: Buffer }): void {
    const stray = describeStray(frame, { current: this.#current?.question, last: this.#last?.question });
    this.#show(frame.bytes, () => stray.detail);
    this.#observeStray(stray);
  }

  #tellNoise(): void {
    const bytes = this.#noise;
    if (bytes.length === 0) return;
    const isDamaged = this.#isDamaged;
    this.#noise = NOTHING;
    this.#isDamaged = false;
    const isEcho = bytes.indexOf(this.#sent) === 0;
    const frame = isEcho || isDamaged ? undefined : this.#settings.framing.recognise(bytes);
    if (frame === undefined) {
      const stray = isEcho ? UNEXPECTED_ECHO : describeNoise(bytes, isDamaged);
      this.#show(bytes, () => stray.event);
      this.#observeStray(stray);
    } else this.#tellStray({ ...frame, bytes });
  }

  #observeStray({ event, detail, blame }: Stray): void {
    this.#blame ??= blame;
    this.#observe(event, detail);
  }

  #show(bytes: Buffer, meaning: () => string): void {
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning: meaning() });
  }

  #observe(event: Parameters<ClientContext['observe']>[0], detail: string): void {
    this.#context.observe(event, (this.#current ?? this.#last)?.device, detail);
  }

  readonly #timeOut = ({ wait }: Pending): void => {
    const detail = `no answer within ${Math.round(wait)} ms`;
    if (this.#reader.awaitsEcho) this.#observeStray(MISSING_ECHO);
    this.#discard();
    if (this.#blame === undefined) this.#observe('timeout', detail);
    this.#fail(this.#blame ?? 'no-answer', detail);
  };

  #fail(reason: FailureReason, detail: string): void {
    this.#leave()?.settle({ kind: 'failed', reason, detail });
  }

  /** Waits no longer for what is asked; but it may still be answered. */
  #leave(): Pending | undefined {
    const pending = this.#current;
    this.#current = undefined;
    if (pending !== undefined) this.#settings.owed.owe(pending, this.#context.clock.monotonic());
    return pending;
  }

  spend(): void {
    this.#wire.destroy();
    this.#end('the connection was closed');
  }

  #end(why: string): void {
    this.#signals.forget();
    this.#fail('not-connected', why);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    this.spend();
    return this.#wire[Symbol.asyncDispose]();
  }
}
