import { crcKermit, crcX25 } from '../meter/crc16.ts';

/** The ways in which meters compute checksums; what is not X.25 breaks the standard. */
export const checksums = { x25: crcX25, kermit: crcKermit } as const;

export type Checksum = keyof typeof checksums;

/** What came out of the bytes, in their order. */
export type SmlPiece =
  /** A whole file of messages, its checksum right, escapes and padding taken out; `raw` as it was on the line. */
  | { readonly kind: 'file'; readonly messages: Buffer; readonly raw: Buffer }
  /** Something that began as a file and was none. */
  | { readonly kind: 'broken'; readonly why: string; readonly isChecksum: boolean; readonly raw: Buffer }
  /** What stood between two files. */
  | { readonly kind: 'noise'; readonly raw: Buffer };

// SML 1.04, 8: version 1 of the transport protocol. Escapes stand at multiples of four bytes from the start.
const ESCAPE = Buffer.from('1b1b1b1b', 'hex');
const START = Buffer.from('1b1b1b1b01010101', 'hex');
const END = 0x1a;
const WORD = 4;
const MOST_PADDING = 3;
const MOST_BYTES = 16_384; // a list of a meter has some hundred
const MOST_NOISE = 4_096; // shown in one piece
const CUT_OFF = 'it ends in the middle, where another begins';

/** Cuts files of SML out of a stream of bytes, however it is chunked, and finds its way back after whatever else comes. */
export class SmlFramer {
  readonly #accepted: readonly Checksum[];
  #bytes: Buffer = Buffer.alloc(0);
  /** How far the file that has begun is understood; 0 while none has. */
  #read = 0;

  constructor(accepted: readonly Checksum[] = ['x25']) {
    this.#accepted = accepted;
  }

  push(chunk: Buffer): readonly SmlPiece[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const pieces: SmlPiece[] = [];
    while (this.#read > 0 ? this.#file(pieces) : this.#start(pieces)) {
      // Until more bytes are needed.
    }
    return pieces;
  }

  /** Looks for the beginning of a file; returns whether there is one. */
  #start(pieces: SmlPiece[]): boolean {
    const start = this.#bytes.indexOf(START);
    const noise = start === -1 ? Math.max(0, this.#bytes.length - (START.length - 1)) : start;
    if (start !== -1 || noise >= MOST_NOISE) this.#cutNoise(noise, pieces);
    if (start === -1) return false;
    this.#read = START.length;
    return true;
  }

  #cutNoise(length: number, pieces: SmlPiece[]): void {
    if (length > 0) pieces.push({ kind: 'noise', raw: this.#cut(length) });
  }

  /** Reads on in a file; returns whether it ended. */
  #file(pieces: SmlPiece[]): boolean {
    const restart = this.#movedStart();
    const end = restart ?? this.#bytes.length;
    for (; this.#read + WORD <= end; this.#read += WORD) {
      if (!this.#isAt(ESCAPE, this.#read)) continue;
      if (this.#read + 2 * WORD > end) break;
      if (this.#isAt(START, this.#read)) return this.#break(this.#read, CUT_OFF, pieces);
      if (!this.#isAt(ESCAPE, this.#read + WORD)) return this.#end(this.#read + 2 * WORD, pieces);
      this.#read += WORD;
    }
    if (restart !== undefined) return this.#break(restart, CUT_OFF, pieces);
    return this.#bytes.length > MOST_BYTES && this.#break(START.length, `it has no end in ${MOST_BYTES} bytes`, pieces);
  }

  /** Where another file begins at a place that none has in this one: a byte was lost, which moves all that follows. */
  #movedStart(): number | undefined {
    let start = this.#bytes.indexOf(START, START.length);
    while (start !== -1 && start % WORD === 0) start = this.#bytes.indexOf(START, start + 1);
    return start === -1 ? undefined : start;
  }

  #isAt(sequence: Buffer, offset: number): boolean {
    return this.#bytes.compare(sequence, 0, sequence.length, offset, offset + sequence.length) === 0;
  }

  /** An escape that is no data is the end, up to `length`. */
  #end(length: number, pieces: SmlPiece[]): true {
    const [mark, padding = 0] = this.#bytes.subarray(length - WORD);
    if (mark !== END || padding > MOST_PADDING) {
      return this.#break(START.length, 'it has an escape of no known meaning', pieces);
    }
    const dataEnd = length - 2 * WORD;
    const sent = this.#bytes.readUInt16LE(length - 2);
    const fits = (way: Checksum): boolean => checksums[way](this.#bytes, 0, length - 2) === sent;
    if (!this.#accepted.some(fits)) {
      const why = `its checksum is wrong${fits('kermit') ? ' by X.25, but right by Kermit: set deviations: [kermit-checksum]' : ''}`;
      pieces.push({ kind: 'broken', why, isChecksum: true, raw: this.#cut(START.length) });
      return true;
    }
    const raw = this.#cut(length);
    const messages = unescaped(raw.subarray(START.length, dataEnd));
    if (padding > messages.length) pieces.push({ kind: 'broken', why: 'it is empty', isChecksum: false, raw });
    else pieces.push({ kind: 'file', messages: messages.subarray(0, messages.length - padding), raw });
    return true;
  }

  /** Gives up the file that has begun; whatever follows its first `length` bytes is looked at anew. */
  #break(length: number, why: string, pieces: SmlPiece[]): true {
    pieces.push({ kind: 'broken', why, isChecksum: false, raw: this.#cut(length) });
    return true;
  }

  #cut(length: number): Buffer {
    const cut = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    this.#read = 0;
    return cut;
  }
}

/** Data has its escapes doubled. */
function unescaped(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let offset = 0; offset + WORD <= data.length; offset += WORD) {
    if (data.compare(ESCAPE, 0, WORD, offset, offset + WORD) !== 0) continue;
    offset += WORD;
    parts.push(data.subarray(from, offset));
    from = offset + WORD;
  }
  return from === 0 ? data : Buffer.concat([...parts, data.subarray(from)]);
}

/** Wraps messages up as a meter sends them. */
export function frameMessages(messages: Buffer, checksum: Checksum = 'x25'): Buffer {
  const padding = (WORD - (messages.length % WORD)) % WORD;
  const padded = Buffer.concat([messages, Buffer.alloc(padding)]);
  const words = Array.from({ length: padded.length / WORD }, (_, index) =>
    padded.subarray(index * WORD, (index + 1) * WORD),
  );
  const data = words.flatMap((word) => (word.equals(ESCAPE) ? [ESCAPE, word] : [word]));
  const head = Buffer.concat([START, ...data, ESCAPE, Buffer.of(END, padding)]);
  const crc = checksums[checksum](head);
  return Buffer.concat([head, Buffer.of(crc & 0xff, crc >>> 8)]);
}
