import { Framer, type LongFrame, type Piece } from '../mbus/frame.ts';
import type { Heard, Telegrams } from './telegrams.ts';

// EN 13757-3 (transport layer of DLMS): the control information numbers the segments and marks the last one; behind it
// stand the service access points of both sides.
const LAST = 0x10;
const NUMBER = 0x0f;
const LARGEST = LAST | NUMBER;
const ACCESS_POINTS = 2;

const LONGEST_APDU = 65_535;

/** Telegrams in frames of wired M-Bus, as the customer interfaces of Austria have them. */
export class MbusTelegrams implements Telegrams {
  readonly #framer = new Framer();
  #parts: Buffer[] = [];
  #address: number | undefined;

  push(bytes: Buffer): readonly Heard[] {
    return this.#framer.push(bytes).map((piece) => this.#heard(piece));
  }

  drop(): readonly Heard[] {
    const pieces = this.#framer.drop();
    const heard = pieces.map((piece) => this.#heard(piece));
    this.#forget();
    return heard;
  }

  #heard(piece: Piece): Heard {
    const { bytes } = piece;
    if (piece.kind !== 'frame') {
      // Which part of a telegram is missing is not to be known.
      this.#forget();
      return { kind: piece.kind, detail: `${bytes.length} bytes`, bytes };
    }
    const { frame } = piece;
    if (frame.kind !== 'long' || frame.information > LARGEST || frame.data.length < ACCESS_POINTS) {
      return { kind: 'malformed-frame', detail: 'a frame of M-Bus that carries no DLMS', bytes };
    }
    if ((frame.information & NUMBER) !== (this.#parts.length & NUMBER) || !this.#isSameSender(frame)) this.#forget();
    if ((frame.information & NUMBER) !== (this.#parts.length & NUMBER)) {
      return {
        kind: 'malformed-frame',
        detail: `segment ${frame.information & NUMBER} without those before it`,
        bytes,
      };
    }
    return this.#add(frame, bytes);
  }

  #add({ information, data, address }: LongFrame, bytes: Buffer): Heard {
    this.#address = address;
    this.#parts.push(data.subarray(ACCESS_POINTS));
    const apdu = Buffer.concat(this.#parts);
    if ((information & LAST) === 0 && apdu.length <= LONGEST_APDU) return { kind: 'part', bytes };
    this.#forget();
    return apdu.length > LONGEST_APDU
      ? { kind: 'malformed-frame', detail: `more than ${LONGEST_APDU} bytes in segments`, bytes }
      : { kind: 'apdu', apdu, source: `address ${address}`, bytes };
  }

  #isSameSender({ address }: LongFrame): boolean {
    return this.#parts.length === 0 || address === this.#address;
  }

  #forget(): void {
    this.#parts = [];
    this.#address = undefined;
  }
}
