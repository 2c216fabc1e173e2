/** A value of SML as it is encoded: type and length, then the value. */
export type SmlNode =
  | { readonly kind: 'octets'; readonly bytes: Buffer }
  | { readonly kind: 'boolean'; readonly on: boolean }
  | { readonly kind: 'integer'; readonly value: bigint; readonly signed: boolean; readonly size: number }
  | { readonly kind: 'list'; readonly items: readonly SmlNode[] }
  /** What is optional and was left out. */
  | { readonly kind: 'absent' };

/** A place in the bytes that is no SML. */
export class SmlFault extends Error {}

const TYPES = { octets: 0, boolean: 4, signed: 5, unsigned: 6, list: 7 } as const;

const MORE = 0x80;
const DEEPEST = 8; // an entry of a list lies four lists deep
const LONGEST_INTEGER = 8;
const MOST_LENGTH_BYTES = 4;

const ABSENT: SmlNode = { kind: 'absent' };

/** Reads the values in `bytes` one after the other. */
export class SmlReader {
  readonly #bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  /** Takes one byte that has to be zero: the end of a message. */
  takeEnd(): void {
    if (this.#byte() !== 0) throw new SmlFault(`a message does not end at byte ${this.offset - 1}`);
  }

  /** The byte that comes next; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.offset];
  }

  /** The next value. Throws SmlFault for what is none. */
  node(depth = 0): SmlNode {
    const start = this.offset;
    const first = this.#byte();
    const type = (first >>> 4) & 0b111;
    const length = this.#length(first);
    if (type === TYPES.list) return this.#list(length, depth);
    // The length of all but lists counts the bytes that hold it.
    const size = length - (this.offset - start);
    if (size < 0 || this.offset + size > this.#bytes.length) throw new SmlFault(`byte ${start}: its length is wrong`);
    const value = this.#bytes.subarray(this.offset, this.offset + size);
    this.offset += size;
    return nodeOf(type, value, start);
  }

  #list(count: number, depth: number): SmlNode {
    // Each of its items takes a byte at least.
    if (depth > DEEPEST || count > this.#bytes.length - this.offset) {
      throw new SmlFault(`byte ${this.offset}: a list has no such depth or length`);
    }
    const items: SmlNode[] = [];
    for (let index = 0; index < count; index += 1) items.push(this.node(depth + 1));
    return { kind: 'list', items };
  }

  #length(first: number): number {
    let length = first & 0x0f;
    let byte = first;
    for (let count = 1; (byte & MORE) !== 0; count += 1) {
      if (count === MOST_LENGTH_BYTES) throw new SmlFault(`byte ${this.offset}: nothing is that long`);
      byte = this.#byte();
      length = length * 16 + (byte & 0x0f);
    }
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw new SmlFault('it ends in the middle of a value');
    this.offset += 1;
    return byte;
  }
}

function nodeOf(type: number, value: Buffer, start: number): SmlNode {
  const { length } = value;
  if (type === TYPES.octets) return length === 0 ? ABSENT : { kind: 'octets', bytes: value };
  if (type === TYPES.boolean && length === 1) return { kind: 'boolean', on: value[0] !== 0 };
  const signed = type === TYPES.signed;
  if ((signed || type === TYPES.unsigned) && length > 0 && length <= LONGEST_INTEGER) {
    return { kind: 'integer', value: integerOf(value, signed), signed, size: length };
  }
  throw new SmlFault(`byte ${start}: there is no type ${type} of ${length} bytes`);
}

const LARGEST_PLAIN = 6; // bytes: what Buffer reads into a number

function integerOf(bytes: Buffer, signed: boolean): bigint {
  const { length } = bytes;
  if (length <= LARGEST_PLAIN) return BigInt(signed ? bytes.readIntBE(0, length) : bytes.readUIntBE(0, length));
  const whole = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return signed ? BigInt.asIntN(length * 8, whole) : whole;
}

/** Puts a value in bytes; integers take the size they have. */
export function encodeNode(node: SmlNode): Buffer {
  if (node.kind === 'absent') return Buffer.of(1);
  if (node.kind === 'list') {
    return Buffer.concat([head(TYPES.list, node.items.length, 0), ...node.items.map(encodeNode)]);
  }
  if (node.kind === 'octets') return Buffer.concat([head(TYPES.octets, node.bytes.length, 1), node.bytes]);
  if (node.kind === 'boolean') return Buffer.concat([head(TYPES.boolean, 1, 1), Buffer.of(node.on ? 1 : 0)]);
  const digits = BigInt.asUintN(node.size * 8, node.value)
    .toString(16)
    .padStart(node.size * 2, '0');
  return Buffer.concat([head(node.signed ? TYPES.signed : TYPES.unsigned, node.size, 1), Buffer.from(digits, 'hex')]);
}

/** Type and length; `own` is 1 where the length counts the bytes that hold it. */
function head(type: number, length: number, own: number): Buffer {
  let bytes = 1;
  while (length + own * bytes >= 16 ** bytes) bytes += 1;
  const total = length + own * bytes;
  return Buffer.from(
    Array.from({ length: bytes }, (_, index) => {
      const digit = Math.floor(total / 16 ** (bytes - 1 - index)) % 16;
      return (index < bytes - 1 ? MORE : 0) | (index === 0 ? type << 4 : 0) | digit;
    }),
  );
}
