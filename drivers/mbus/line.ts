import type { DriverContext, WireEvent } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { explainFrame } from './explain.ts';
import { encodeFrame, Framer, type Frame, type LongFrame, type Piece } from './frame.ts';
import { timeLine, type LineTime } from './line-time.ts';
import { DIRECTION } from './requests.ts';
import { openWire } from './transport.ts';

export type FailureReason = 'no-answer' | 'malformed-answer' | 'foreign-answer' | 'not-connected';

/** What came of a request. */
export type Answer =
  | { readonly kind: 'acknowledged'; readonly milliseconds: number }
  | { readonly kind: 'data'; readonly frame: LongFrame; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly detail: string };

export type Request = {
  /** The device that it is asked for, in messages. */
  readonly device: string;
  readonly frame: Frame;
  /** Whether a sound frame with data is the answer, and not somebody else's; absent where it is to be acknowledged. */
  readonly isAnswer?: (frame: LongFrame) => boolean;
  /** Milliseconds that it waits at most for the first byte; absent: the connection's timeout. */
  readonly wait?: number;
};

type Pending = Request & { readonly sentAt: number; readonly settle: (answer: Answer) => void };

// Milliseconds of silence after a damaged answer; noise that looked like the beginning of one may hide it.
const AFTER_DAMAGE = 50;

/**
 * The line with its meters, one request after the other. It connects anew when it was lost; a request that is lost with
 * the connection fails alone, as long as there is a new one to be had.
 */
export class Line implements AsyncDisposable {
  readonly time: LineTime;
  readonly #settings: ConnectionSettings;
  readonly #context: DriverContext;
  readonly #closing = new AbortController();
  readonly #framer = new Framer();
  #wire: Wire | undefined;
  #pending: Pending | undefined;
  /** The last request, whose late or repeated answer may still come. */
  #last: Request | undefined;
  /** What arrived instead of the answer. */
  #blame: FailureReason | undefined;
  /** Data were asked for, and there came an acknowledgement: a late one, or there are none. */
  #hasAcknowledged = false;
  #heardAt = Number.NEGATIVE_INFINITY;
  #gap: number;
  #cancel: () => void = () => undefined;

  private constructor(settings: ConnectionSettings, context: DriverContext) {
    this.#settings = settings;
    this.#context = context;
    this.time = timeLine(settings.baud);
    this.#gap = this.time.gap;
  }

  /** Connects, or throws `connection-failed`, `port-missing` or the signal's reason. */
  static async open(settings: ConnectionSettings, context: DriverContext, signal: AbortSignal): Promise<Line> {
    const line = new Line(settings, context);
    await line.#connected(signal);
    return line;
  }

  /**
   * Asks once. Rejects when the line cannot be reached any more (remedy `retry`), and with the signal's reason.
   */
  async ask(request: Request, signal: AbortSignal): Promise<Answer> {
    const wire = await this.#connected(signal);
    await this.#quiet(signal);
    const answer = await this.#exchange(wire, request, signal);
    if (answer.kind !== 'failed' || answer.reason !== 'not-connected') return answer;
    await this.#connected(signal);
    return { ...answer, reason: 'no-answer' };
  }

  async #connected(signal: AbortSignal): Promise<Wire> {
    signal.throwIfAborted();
    if (this.#wire?.open === true) return this.#wire;
    await this.#wire?.[Symbol.asyncDispose]();
    this.#discard();
    const wire = await openWire(this.#settings, this.#context.clock, AbortSignal.any([signal, this.#closing.signal]));
    wire.listen({
      received: (bytes) => this.#received(bytes),
      lost: (error) => this.#settle({ kind: 'failed', reason: 'not-connected', detail: error.message }),
    });
    this.#wire = wire;
    return wire;
  }

  /** Waits for the silence that has to be before a request. */
  async #quiet(signal: AbortSignal): Promise<void> {
    const milliseconds = this.#heardAt + this.#gap - this.#context.clock.monotonic();
    if (milliseconds > 0) await this.#context.clock.sleep(milliseconds, signal);
  }

  #exchange(wire: Wire, request: Request, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    this.#discard();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const finish = (): void => {
      this.#pending = undefined;
      this.#cancel();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal.reason);
    };
    const settle = (answer: Answer): void => {
      finish();
      resolve(answer);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#pending = { ...request, sentAt: this.#context.clock.monotonic(), settle };
    this.#last = request;
    this.#blame = undefined;
    this.#hasAcknowledged = false;
    this.#send(wire, request.frame);
    return promise;
  }

  #send(wire: Wire, frame: Frame): void {
    const bytes = encodeFrame(frame);
    this.#context.tap.listener?.({ direction: 'sent', bytes, meaning: explainFrame(frame) });
    wire.send(bytes);
    this.#wait(this.#dueAfter(bytes.length), this.#heardAt);
  }

  /** When the answer to so many bytes, sent now, has to have begun. */
  #dueAfter(bytes: number): number {
    return this.time.bytes(bytes) + this.#patience();
  }

  /** Gives up after `milliseconds`, unless a frame has begun that goes on after `heardAt`. */
  #wait(milliseconds: number, heardAt: number): void {
    const { clock } = this.#context;
    this.#cancel = clock.after(milliseconds, () => {
      // What waits in the port while this process was busy came in time.
      this.#cancel = clock.after(0, () => {
        if (this.#heardAt === heardAt || !this.#framer.isUnfinished || this.#isOverdue()) this.#giveUp();
        else this.#wait(Math.max(0, this.#heardAt + this.#patience() - clock.monotonic()), this.#heardAt);
      });
    });
  }

  /** Milliseconds without a byte after which nothing comes, or nothing more. */
  #patience(): number {
    const { timeout } = this.#settings;
    return Math.min(timeout, this.#pending?.wait ?? timeout);
  }

  /** Nothing that takes so long is one frame. */
  #isOverdue(): boolean {
    const longest = 2 * this.#settings.timeout + 2 * this.time.longestFrame;
    return this.#context.clock.monotonic() - (this.#pending?.sentAt ?? 0) > longest;
  }

  #giveUp(): void {
    for (const piece of this.#framer.drop()) this.#take(piece);
    const pending = this.#pending;
    if (pending === undefined) return;
    if (this.#hasAcknowledged && this.#blame === undefined) {
      this.#answered({ kind: 'acknowledged' }, pending);
      return;
    }
    const milliseconds = Math.round(this.#context.clock.monotonic() - pending.sentAt);
    const detail = `no answer within ${milliseconds} ms to "${explainFrame(pending.frame)}"`;
    if (this.#blame === undefined) this.#observe('timeout', detail);
    this.#settle({ kind: 'failed', reason: this.#blame ?? 'no-answer', detail });
  }

  /** What arrived until now is no answer to what is asked next. */
  #discard(): void {
    for (const piece of this.#framer.drop()) this.#take(piece);
  }

  #received(bytes: Buffer): void {
    this.#heardAt = this.#context.clock.monotonic();
    for (const piece of this.#framer.push(bytes)) this.#take(piece);
  }

  #take(piece: Piece): void {
    if (piece.kind !== 'frame') {
      this.#disturbed(piece.kind, piece.bytes);
      return;
    }
    const { frame, bytes } = piece;
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning: explainFrame(frame) });
    // A level converter that hands back what it sends.
    if (frame.kind !== 'acknowledgement' && (frame.control & DIRECTION) !== 0) return;
    this.#judge(frame);
  }

  #judge(frame: Frame): void {
    const pending = this.#pending;
    if (pending === undefined) {
      this.#observe('late-frame', explainFrame(frame));
      return;
    }
    const { isAnswer } = pending;
    if (frame.kind === 'acknowledgement' && isAnswer === undefined) this.#answered({ kind: 'acknowledged' }, pending);
    else if (frame.kind === 'acknowledgement') this.#hasAcknowledged = true;
    else if (frame.kind === 'long' && isAnswer?.(frame) === true) this.#answered({ kind: 'data', frame }, pending);
    else {
      this.#blame = 'foreign-answer';
      this.#observe('foreign-frame', `${explainFrame(frame)}, to "${explainFrame(pending.frame)}"`);
    }
  }

  #answered(
    answer: { readonly kind: 'acknowledged' } | { readonly kind: 'data'; readonly frame: LongFrame },
    { sentAt, device }: Pending,
  ): void {
    const milliseconds = this.#heardAt - sentAt;
    this.#gap = this.time.gap;
    this.#context.answered(device, milliseconds);
    this.#settle({ ...answer, milliseconds });
  }

  #disturbed(kind: 'noise' | 'checksum-error', bytes: Buffer): void {
    this.#blame = 'malformed-answer';
    this.#gap = this.time.gapAfterDisturbance;
    const detail = `${bytes.length} bytes: ${bytes.toString('hex', 0, 32)}`;
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning: kind });
    this.#observe(kind, detail);
    // A whole frame came, and what is wrong with it is no reason to wait for another.
    if (kind === 'checksum-error' && this.#pending !== undefined) {
      this.#cancel();
      this.#wait(Math.min(AFTER_DAMAGE, this.#patience()), this.#heardAt);
    }
  }

  #observe(event: WireEvent, detail: string): void {
    this.#context.observe(event, (this.#pending ?? this.#last)?.device, detail);
  }

  #settle(answer: Answer): void {
    this.#pending?.settle(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new GatewayError('connection-lost', 'the session was closed'));
    this.#settle({ kind: 'failed', reason: 'not-connected', detail: 'the session was closed' });
    await this.#wire?.[Symbol.asyncDispose]();
  }
}
