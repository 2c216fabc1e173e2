import type { Measure } from './pdu.ts';

/** What a frame carries. `transaction` pairs an answer with its request where the framing numbers them, else it is 0. */
export type Message = { readonly transaction: number; readonly unit: number; readonly pdu: Buffer };

/** What a stretch of bytes turned out to be; `bytes` as they arrived. */
export type Found =
  | ({ readonly kind: 'frame'; readonly bytes: Buffer } & Message)
  /** What belongs to no frame, or to one that was damaged on its way. */
  | { readonly kind: 'noise' | 'checksum-error'; readonly bytes: Buffer }
  /** What cannot be read on: where the next frame begins is not to be known. */
  | { readonly kind: 'malformed'; readonly bytes: Buffer; readonly fault: string };

/** The pieces of a stretch of bytes in their order; `rest` is to be given again, together with what arrives next. */
export type Cut = { readonly found: readonly Found[]; readonly rest: Buffer };

/** How unit and PDU travel. Pure: what is unfinished is in the hands of the caller. */
export interface Framing {
  /** Whether an answer bears the number of its request. */
  readonly numbered: boolean;
  /** Bytes of a whole frame around a PDU of so many bytes. */
  frameBytes(pduBytes: number): number;
  encode(message: Message): Buffer;
  /** Cuts what arrived, in any chunks, into frames. `measure` knows those that may come: not every framing tells lengths. */
  cut(bytes: Buffer, measure: Measure): Cut;
  /** The well-formed frame that noise begins with, where the framing overlooks those that `measure` does not know. */
  recognise(noise: Buffer): Message | undefined;
}

export const NOTHING: Buffer = Buffer.alloc(0);
