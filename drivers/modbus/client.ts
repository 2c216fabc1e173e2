import type { DriverContext } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Question } from './pdu.ts';

/** `displaced`: it was lost together with another request that failed on the same wire. */
export type FailureReason = 'no-answer' | 'malformed-answer' | 'foreign-answer' | 'not-connected' | 'displaced';

/**
 * How a request ended: with the answer's PDU, with an exception of the device, or not at all. `milliseconds` from asking
 * to `heardAt`, when the answer had arrived, monotonic.
 */
export type Answer =
  | { readonly kind: 'answer'; readonly pdu: Buffer; readonly milliseconds: number; readonly heardAt: number }
  | { readonly kind: 'exception'; readonly code: number; readonly milliseconds: number }
  /** `unsent`: what had to be asked before it failed. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly detail: string; readonly unsent?: true };

export type Ask = {
  readonly question: Question;
  /** The device that it is asked for, in messages. */
  readonly device: string;
  /** Milliseconds until the whole answer must be there. */
  readonly wait: number;
  /** Now, monotonic milliseconds. */
  readonly askedAt: number;
  /** What it answers is not wanted, only that it does. */
  readonly isProbe: boolean;
};

export type ClientContext = Pick<DriverContext, 'clock' | 'observe' | 'tap'>;

/** Asks over one wire. */
export interface Client extends AsyncDisposable {
  /** Whether it can still ask. */
  readonly usable: boolean;
  /** When the last bytes arrived, monotonic milliseconds; minus infinity where none have. */
  readonly heardAt: number;
  /** Rejects with the signal's reason, or with `failed` when more would be outstanding than may be. */
  ask(ask: Ask, signal: AbortSignal): Promise<Answer>;
  /** Says what nobody answers. */
  tell(question: Question): void;
  /** Ends the wire: whoever waits for an answer gets none. */
  spend(): void;
}

/** A request whose answer is waited for. */
export type Pending = Ask & {
  readonly signal: AbortSignal;
  readonly settle: (answer: Answer) => void;
  /** Rejects with the signal's reason. */
  readonly giveUp: () => void;
};

/** Begins to wait for the answer to `ask`, until it is settled or given up; `late` is called when its time is over. */
export function waitFor(
  ask: Ask,
  signal: AbortSignal,
  { clock, late }: { readonly clock: Clock; readonly late: (pending: Pending) => void },
): { readonly pending: Pending; readonly answer: Promise<Answer> } {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { question, device, wait, askedAt, isProbe } = ask;
  const cancel = clock.after(wait, () => late(pending));
  const settle = (answer: Answer): void => {
    cancel();
    resolve(answer);
  };
  const giveUp = (): void => {
    cancel();
    reject(signal.reason);
  };
  const pending: Pending = { question, device, wait, askedAt, isProbe, signal, settle, giveUp };
  return { pending, answer: promise };
}

/** The answer that a PDU is which fits the question and arrived at `heardAt`. */
export function answered(pending: Pending, pdu: Buffer, heardAt: number): Answer {
  const milliseconds = heardAt - pending.askedAt;
  const isException = pdu.readUInt8(0) !== pending.question.pdu.readUInt8(0);
  return isException
    ? { kind: 'exception', code: pdu.readUInt8(1), milliseconds }
    : { kind: 'answer', pdu, milliseconds, heardAt };
}
