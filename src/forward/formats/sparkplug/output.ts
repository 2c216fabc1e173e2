// Protocol Buffers' wire format, as far as Sparkplug needs it: varints, fixed values, and lengths in front of the rest.

const FIRST_SIZE = 4 * 1024;
const LONGEST_VARINT = 10; // of 64 bits
const LOW_BITS = 0x1_0000_0000;

/** Bytes that grow; all methods append. */
export class Output {
  #bytes: Buffer;
  #view: DataView;
  at = 0;

  /** `size`: bytes that it takes without growing. */
  constructor(size: number = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#view = viewOf(this.#bytes);
  }

  /** What was written, copied. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.at));
  }

  /** What was written, until the next write; for good where there is none. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.at);
  }

  /** Makes room for `length` more bytes; the methods below rely on it, but for `text` and `raw`. */
  reserve(length: number): void {
    if (this.at + length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.at + length));
    this.#bytes.copy(grown, 0, 0, this.at);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  byte(value: number): void {
    this.#bytes[this.at] = value;
    this.at += 1;
  }

  /** A varint of any integer from 0 to 2^53. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest >= LOW_BITS; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    let low = rest >>> 0;
    for (; low >= 0x80; low >>>= 7) this.byte((low & 0x7f) | 0x80);
    this.byte(low);
  }

  /** A varint of any safe integer, negative ones as 64 bits of two's complement. */
  signed(value: number): void {
    if (value >= 0) this.unsigned(value);
    else this.long(BigInt(value));
  }

  /** A varint of 64 bits, negative ones in two's complement. */
  long(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  float(value: number): void {
    this.#view.setFloat32(this.at, value, true);
    this.at += 4;
  }

  double(value: number): void {
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** Length and UTF-8. */
  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.reserve(length + LONGEST_VARINT);
    this.unsigned(length);
    this.at += this.#bytes.write(value, this.at, 'utf8');
  }

  /** A few bytes, for which room is reserved. */
  append(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) this.byte(bytes[index] ?? 0);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Puts `length` into the byte at `position`, reserved there by the caller; below 128 it is a varint. */
  patch(position: number, length: number): void {
    this.#bytes[position] = length;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
