// Reads Protocol Buffers that others wrote: whatever the bytes are, it ends, allocates little, and throws only here.

const MOST_VARINT_BYTES = 10;

export class MalformedPayload extends Error {}

/** A field as it stands in a message. */
export type Field = {
  readonly number: number;
  /** Of a varint or fixed field; 0n else. */
  readonly value: bigint;
  /** Of a field with a length; empty else. */
  readonly bytes: Buffer;
};

/** The fields of a message, in their order. Throws `MalformedPayload`. */
export function* fieldsOf(message: Buffer): Generator<Field> {
  const input = new Input(message);
  while (!input.isAtEnd) {
    const tag = Number(input.varint());
    yield { number: Math.floor(tag / 8), ...input.content(tag % 8) };
  }
}

const NOTHING = Buffer.alloc(0);

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < MOST_VARINT_BYTES; index += 1) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedPayload('a varint has too many bytes');
  }

  /** By wire type; the deprecated groups are no part of Sparkplug. */
  content(wireType: number): Omit<Field, 'number'> {
    if (wireType === 0) return { value: this.varint(), bytes: NOTHING };
    if (wireType === 1) return { value: this.#take(8).readBigUInt64LE(), bytes: NOTHING };
    if (wireType === 2) return { value: 0n, bytes: this.#take(Number(this.varint())) };
    if (wireType === 5) return { value: BigInt(this.#take(4).readUInt32LE()), bytes: NOTHING };
    throw new MalformedPayload(`there is no wire type ${wireType}`);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new MalformedPayload('it ends in the middle of a field');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
