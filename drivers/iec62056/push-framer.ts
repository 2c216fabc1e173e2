import type { DataSet } from '../meter/data-lines.ts';
import { parseIdentification } from '../meter/identification.ts';
import { ETX, findMessage, STX } from './messages.ts';
import { parseBlock, type Readout } from './readout.ts';

/** What came out of the bytes of meters that send by themselves. */
export type PushPiece =
  | ({ readonly kind: 'readout'; readonly raw: Buffer } & Readout)
  | { readonly kind: 'broken'; readonly why: string; readonly isChecksum: boolean; readonly raw: Buffer }
  | { readonly kind: 'noise'; readonly raw: Buffer };

const SLASH = 0x2f;
const END = /\n!\r?\n/; // 6.3.14, item 10: a line of its own
// Mode A may go on without a check, with an address.
const PLAIN = /^\s*[0-9CFLP]/;
const LONGEST_IDENTIFICATION = 64;
const MOST_BYTES = 32_768;
const MOST_NOISE = 4_096;

/** Cuts readouts out of a stream of bytes: of mode D, and those of the other modes where a line is only overheard. */
export class PushFramer {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly PushPiece[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const pieces: PushPiece[] = [];
    while (this.#step(pieces)) {
      // Until more bytes are needed.
    }
    return pieces;
  }

  #step(pieces: PushPiece[]): boolean {
    if (this.#bytes.length === 0) return false;
    if (this.#bytes[0] !== SLASH) return this.#noise(pieces);
    const head = this.#bytes.toString('latin1', 0, LONGEST_IDENTIFICATION);
    const begun = parseIdentification(head);
    if (begun === undefined) {
      return !mayBecomeOne(head) && this.#broken(1, 'it has no identification', pieces);
    }
    const restart = this.#restart(begun.length);
    const area = restart === undefined ? this.#bytes : this.#bytes.subarray(0, restart);
    const found = readoutIn(area, begun);
    if (found !== undefined) return this.#found(found, begun.identification, pieces);
    if (restart !== undefined) return this.#broken(restart, 'it ends in the middle, where another begins', pieces);
    return this.#bytes.length > MOST_BYTES && this.#broken(1, `it has no end in ${MOST_BYTES} bytes`, pieces);
  }

  #noise(pieces: PushPiece[]): boolean {
    const start = this.#bytes.indexOf(SLASH);
    if (start === -1 && this.#bytes.length < MOST_NOISE) return false;
    pieces.push({ kind: 'noise', raw: this.#cut(start === -1 ? this.#bytes.length : start) });
    return true;
  }

  #found({ sets, length, isChecksum }: Found, identification: Readout['identification'], pieces: PushPiece[]): true {
    if (typeof sets === 'string') {
      pieces.push({ kind: 'broken', why: sets, isChecksum, raw: this.#cut(isChecksum ? 1 : length) });
    } else {
      pieces.push({ kind: 'readout', identification, sets, raw: this.#cut(length) });
    }
    return true;
  }

  /** Where another readout begins behind the identification: some of this one was lost. */
  #restart(from: number): number | undefined {
    for (let start = this.#bytes.indexOf(SLASH, from); start !== -1; start = this.#bytes.indexOf(SLASH, start + 1)) {
      if (parseIdentification(this.#bytes.toString('latin1', start, start + LONGEST_IDENTIFICATION)) !== undefined) {
        return start;
      }
    }
    return undefined;
  }

  #broken(length: number, why: string, pieces: PushPiece[]): true {
    pieces.push({ kind: 'broken', why, isChecksum: false, raw: this.#cut(length) });
    return true;
  }

  #cut(length: number): Buffer {
    const cut = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return cut;
  }
}

/** While the line is not ended it may still be an identification. */
function mayBecomeOne(head: string): boolean {
  return head.length < LONGEST_IDENTIFICATION && !/[\n!]/.test(head);
}

type Found = { readonly sets: readonly DataSet[] | string; readonly length: number; readonly isChecksum: boolean };

/** The data behind an identification: a block with a check, or lines up to the one with `!`; undefined while not whole. */
export function readoutIn(bytes: Buffer, { length }: { readonly length: number }): Found | undefined {
  const block = bytes.subarray(length);
  const start = block.findIndex((byte) => byte !== 0x0d && byte !== 0x0a);
  if (start !== -1 && block[start] === STX) return checkedIn(block.subarray(start), length + start);
  const text = block.toString('latin1');
  const end = END.exec(text);
  if (end === null) return undefined;
  // 6.4.5.1: in mode D a line of nothing comes first; what stands there instead may be an STX that was garbled.
  const isPlain = length === 0 ? PLAIN.test(text) : text.startsWith('\r\n');
  const sets = isPlain
    ? parseBlock(text.slice(0, end.index + 1), false)
    : 'it does not begin as data without a check do';
  return { sets, length: length + end.index + end[0].length, isChecksum: false };
}

function checkedIn(block: Buffer, before: number): Found | undefined {
  const found = findMessage(block);
  if (found === undefined) return undefined;
  const { message, length } = found;
  const isChecksum = message.kind !== 'data';
  return {
    sets: message.kind === 'data' ? parseBlock(message.text, true) : `its check behind byte ${ETX} is wrong`,
    length: before + length,
    isChecksum,
  };
}
