import type { PointId } from './point.ts';
import type { Value } from './reading.ts';
import type { RewindSpan } from './rewind.ts';

/** What a centre may ask of the gateway itself: what it has missed, once more, or what the points mean. */
export type CentreRequest =
  | {
      readonly kind: 'replay';
      /** Of the journal that the sequences are counted in; null where the one of now will do. */
      readonly epoch: string | null;
      readonly span: RewindSpan;
    }
  | { readonly kind: 'catalogue' };

/** A value that a centre wants a point to have, or a request; nothing about it has been checked beyond its form. */
export type IncomingCommand = {
  /** Names the command for ever, among those of its destination; null where the format has no such thing. */
  readonly id: string | null;
  /** Wall milliseconds; `arrival`: the far end passes on only what is said now; null where nobody says. */
  readonly issued: number | 'arrival' | null;
  /** Wall milliseconds; null where the format does not say. */
  readonly expires: number | null;
  /** Of a request its kind; its value is then, in words, what of it. */
  readonly target: PointId;
  readonly value: Value;
  readonly request?: CentreRequest;
};

/** From where a command came. */
export type CommandOrigin = {
  readonly destination: string;
  /** It was kept by the broker: nobody knows how old it is. */
  readonly retained: boolean;
};

/**
 * Why a command is not carried out, in the order in which it is looked for. `busy` and `not-kept` say nothing against
 * the command: another one may be sent.
 */
export type RejectReason =
  | 'not-enabled' // the destination may not command
  | 'retained'
  | 'too-large'
  | 'malformed'
  | 'clock' // ours cannot tell whether it has expired
  | 'no-time' // it does not say when it was issued
  | 'from-the-future'
  | 'expired'
  | 'valid-too-long'
  | 'replayed'
  | 'not-allowed' // the destination may not write this point, or ask for this
  | 'other-epoch' // the sequences are those of a journal that is gone
  | 'out-of-range' // what the point's `write` rule or its type does not allow
  | 'busy'
  | 'too-fast'
  | 'not-kept'; // neither the replay table nor the audit log may be left out

/**
 * `done`: the device holds the value; what was asked for is on its way. `failed`: it does not, or is not. `unknown`: nobody
 * can say. `rejected`: it was never sent to the device.
 */
export type CommandStatus = 'done' | 'rejected' | 'failed' | 'unknown';

export type CommandResult = {
  readonly id: string | null;
  readonly target: string | null;
  readonly status: CommandStatus;
  /** A word for programs; null where it is done. */
  readonly reason: string | null;
  /** In words, for people. */
  readonly detail: string | null;
  /** What the device holds afterwards, where that is known; how many sequences are sent once more. */
  readonly value: number | string | boolean | null;
  /** Wall milliseconds. */
  readonly time: number;
};

/**
 * Takes a command over: as a format has understood it, or the bytes of one in our own JSON. Returns at once; what becomes
 * of it is told later. Bounded in time and memory, whatever it is given.
 */
export type TakeCommand = (command: IncomingCommand | Uint8Array, origin: CommandOrigin) => void;
