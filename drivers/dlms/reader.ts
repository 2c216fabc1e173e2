import { GatewayError } from '../../src/model/errors.ts';

/** What breaks the rules of the protocol. */
export function malformed(message: string): GatewayError {
  return new GatewayError('answer-malformed', message);
}

/** Takes bytes one after the other. Every method throws `answer-malformed` where there are too few left. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next byte, which stays; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at];
  }

  take(count: number): Buffer {
    if (count > this.left) throw malformed(`ends ${count - this.left} bytes too early`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  rest(): Buffer {
    return this.take(this.left);
  }

  uint8(): number {
    return this.take(1).readUInt8();
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** The length of what follows, as A-XDR and BER write it: up to 127 in one byte, else how many bytes it takes. */
  length(): number {
    const first = this.uint8();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw malformed(`a length of ${size} bytes`);
    return this.take(size).readUIntBE(0, size);
  }

  /** As many bytes as their length before them says. */
  octets(): Buffer {
    return this.take(this.length());
  }

  /** Takes one byte that must be `expected`. */
  expect(expected: number, what: string): void {
    const found = this.uint8();
    if (found !== expected) throw malformed(`${what} 0x${found.toString(16)} instead of 0x${expected.toString(16)}`);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left > 0) throw malformed(`${this.left} bytes too many`);
  }
}

/** A length as `Reader.length` takes it. */
export function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const size = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 4;
  const encoded = Buffer.alloc(1 + size, 0x80 | size);
  encoded.writeUIntBE(length, 1, size);
  return encoded;
}

/** Bytes with their length before them. */
export function encodeOctets(bytes: Buffer): Buffer {
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
