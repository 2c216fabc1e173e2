import { crcArc } from '../meter/crc16.ts';

/** What came out of the bytes, in their order. */
export type P1Piece =
  /** A whole telegram: identification, and the data behind it. */
  | {
      readonly kind: 'telegram';
      readonly identification: string;
      readonly data: string;
      /** Whether it carried a checksum, which was right. */
      readonly checked: boolean;
      readonly raw: Buffer;
    }
  | { readonly kind: 'broken'; readonly why: string; readonly isChecksum: boolean; readonly raw: Buffer }
  | { readonly kind: 'noise'; readonly raw: Buffer };

// DSMR 5.0.2 P1, 6.2: "/XXX5Ident CR LF CR LF data ! CRC CR LF".
const SLASH = 0x2f;
const IDENTIFICATION = /^\/[A-Za-z]{3}[0-9A-Za-z][^\r\n/!]{0,64}\r?\n/;
const UNFINISHED = /^\/(?:[A-Za-z]{0,3}|[A-Za-z]{3}[0-9A-Za-z][^\r\n/!]{0,64}\r?)$/;
const LONGEST_IDENTIFICATION = 72;
const END = Buffer.from('\n!');
const TAIL = /^!([0-9A-Fa-f]{4})?\r?\n/;
const LONGEST_TAIL = 7;
const MOST_BYTES = 16_384; // messages to customers alone may have 2 048 digits
const MOST_NOISE = 4_096;

/** Cuts telegrams out of a stream of bytes, however it is chunked. */
export class P1Framer {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly P1Piece[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const pieces: P1Piece[] = [];
    while (this.#step(pieces)) {
      // Until more bytes are needed.
    }
    return pieces;
  }

  /** Takes one piece off the bytes; false where there is none yet. */
  #step(pieces: P1Piece[]): boolean {
    if (this.#bytes.length === 0) return false;
    if (this.#bytes[0] !== SLASH) return this.#noise(pieces);
    const begins = beginningOf(this.#bytes);
    if (begins === 'no') return this.#broken(1, 'it has no identification', pieces);
    if (begins === 'perhaps') return false;
    const restart = restartIn(this.#bytes);
    const end = this.#bytes.indexOf(END, begins - 1);
    if (end !== -1 && (restart === undefined || end < restart)) return this.#end(begins, end + 1, pieces);
    if (restart !== undefined) return this.#broken(restart, 'it ends in the middle, where another begins', pieces);
    return this.#bytes.length > MOST_BYTES && this.#broken(1, `it has no end in ${MOST_BYTES} bytes`, pieces);
  }

  #noise(pieces: P1Piece[]): boolean {
    const start = this.#bytes.indexOf(SLASH);
    if (start === -1 && this.#bytes.length < MOST_NOISE) return false;
    pieces.push({ kind: 'noise', raw: this.#cut(start === -1 ? this.#bytes.length : start) });
    return true;
  }

  /** The line at `end` begins with the mark; data begin at `begins`. */
  #end(begins: number, end: number, pieces: P1Piece[]): boolean {
    const tail = this.#bytes.toString('latin1', end, end + LONGEST_TAIL);
    const [written, crc] = TAIL.exec(tail) ?? [];
    if (written === undefined) {
      const isWhole = tail.length === LONGEST_TAIL || tail.includes('\n') || !/^![0-9A-Fa-f]{0,4}\r?$/.test(tail);
      return isWhole && this.#broken(end + 1, 'its end is neither a checksum nor none', pieces);
    }
    if (crc !== undefined && Number.parseInt(crc, 16) !== crcArc(this.#bytes, 0, end + 1)) {
      pieces.push({ kind: 'broken', why: 'its checksum is wrong', isChecksum: true, raw: this.#cut(1) });
      return true;
    }
    const raw = this.#cut(end + written.length);
    pieces.push({
      kind: 'telegram',
      identification: raw.toString('latin1', 0, begins).trimEnd(),
      data: raw.toString('latin1', begins, end),
      checked: crc !== undefined,
      raw,
    });
    return true;
  }

  #broken(length: number, why: string, pieces: P1Piece[]): true {
    pieces.push({ kind: 'broken', why, isChecksum: false, raw: this.#cut(length) });
    return true;
  }

  #cut(length: number): Buffer {
    const cut = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return cut;
  }
}

/** Where the data begin behind an identification at the beginning of the bytes; whether there is one, or may yet be. */
function beginningOf(bytes: Buffer): number | 'no' | 'perhaps' {
  const head = bytes.toString('latin1', 0, LONGEST_IDENTIFICATION);
  const [identification] = IDENTIFICATION.exec(head) ?? [];
  if (identification !== undefined) return identification.length;
  return head.length < LONGEST_IDENTIFICATION && UNFINISHED.test(head) ? 'perhaps' : 'no';
}

/** Where another telegram begins behind the beginning of this one: some of this one was lost. */
function restartIn(bytes: Buffer): number | undefined {
  for (let start = bytes.indexOf(SLASH, 1); start !== -1; start = bytes.indexOf(SLASH, start + 1)) {
    if (typeof beginningOf(bytes.subarray(start, start + LONGEST_IDENTIFICATION)) === 'number') return start;
  }
  return undefined;
}
