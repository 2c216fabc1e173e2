import { narrow } from '../../src/model/decimal.ts';
import { encodeLength, encodeOctets, malformed, Reader } from './reader.ts';

// IEC 62056-53, 8.6.2 and IEC 62056-61, annex: the type Data, in the encoding of A-XDR (IEC 61334-6).

type Number = {
  readonly type:
    | 'int8'
    | 'int16'
    | 'int32'
    | 'uint8'
    | 'uint16'
    | 'uint32'
    | 'enum'
    | 'bcd'
    | 'float32'
    | 'float64'
    | 'int64'
    | 'uint64';
  /** A bigint only where a double does not hold it exactly. */
  readonly value: number | bigint;
};

type Bytes = { readonly type: 'octets' | 'date-time' | 'date' | 'time'; readonly bytes: Buffer };

/** A value of a COSEM attribute. */
export type Data =
  | { readonly type: 'null' }
  | { readonly type: 'array' | 'structure'; readonly items: readonly Data[] }
  | { readonly type: 'bool'; readonly value: boolean }
  /** `0` and `1`, the first bit first. */
  | { readonly type: 'bits'; readonly text: string }
  | Bytes
  | { readonly type: 'string' | 'utf8'; readonly text: string }
  | Number;

/** How a type of one certain size stands in bytes. */
type Scalar = {
  readonly tag: number;
  readonly size: number;
  readonly read: (bytes: Buffer) => number | bigint;
  readonly write: (bytes: Buffer, value: number) => void;
  readonly writeBig?: (bytes: Buffer, value: bigint) => void;
};

const scalars: Readonly<Record<Number['type'], Scalar>> = {
  int32: { tag: 5, size: 4, read: (bytes) => bytes.readInt32BE(), write: (bytes, value) => bytes.writeInt32BE(value) },
  uint32: {
    tag: 6,
    size: 4,
    read: (bytes) => bytes.readUInt32BE(),
    write: (bytes, value) => bytes.writeUInt32BE(value),
  },
  bcd: { tag: 13, size: 1, read: (bytes) => bytes.readInt8(), write: (bytes, value) => bytes.writeInt8(value) },
  int8: { tag: 15, size: 1, read: (bytes) => bytes.readInt8(), write: (bytes, value) => bytes.writeInt8(value) },
  int16: { tag: 16, size: 2, read: (bytes) => bytes.readInt16BE(), write: (bytes, value) => bytes.writeInt16BE(value) },
  uint8: { tag: 17, size: 1, read: (bytes) => bytes.readUInt8(), write: (bytes, value) => bytes.writeUInt8(value) },
  uint16: {
    tag: 18,
    size: 2,
    read: (bytes) => bytes.readUInt16BE(),
    write: (bytes, value) => bytes.writeUInt16BE(value),
  },
  int64: {
    tag: 20,
    size: 8,
    read: (bytes) => narrow(bytes.readBigInt64BE()),
    write: (bytes, value) => bytes.writeBigInt64BE(BigInt(value)),
    writeBig: (bytes, value) => bytes.writeBigInt64BE(value),
  },
  uint64: {
    tag: 21,
    size: 8,
    read: (bytes) => narrow(bytes.readBigUInt64BE()),
    write: (bytes, value) => bytes.writeBigUInt64BE(BigInt(value)),
    writeBig: (bytes, value) => bytes.writeBigUInt64BE(value),
  },
  enum: { tag: 22, size: 1, read: (bytes) => bytes.readUInt8(), write: (bytes, value) => bytes.writeUInt8(value) },
  float32: {
    tag: 23,
    size: 4,
    read: (bytes) => bytes.readFloatBE(),
    write: (bytes, value) => bytes.writeFloatBE(value),
  },
  float64: {
    tag: 24,
    size: 8,
    read: (bytes) => bytes.readDoubleBE(),
    write: (bytes, value) => bytes.writeDoubleBE(value),
  },
};

const times = { 'date-time': { tag: 25, size: 12 }, date: { tag: 26, size: 5 }, time: { tag: 27, size: 4 } } as const;
const texts = { string: { tag: 10, encoding: 'latin1' }, utf8: { tag: 12, encoding: 'utf8' } } as const;

const tags = { null: 0, array: 1, structure: 2, bool: 3, bits: 4, octets: 9, compactArray: 19 } as const;

// Deeper than any interface class; each level costs at least two bytes, so a hostile telegram could nest for long.
const DEEPEST = 16;

/** Takes one value of a known type, without its tag. */
type Take = (reader: Reader, depth: number) => Data;

const takers = new Map<number, Take>([
  [tags.null, () => ({ type: 'null' })],
  [tags.array, takeItems('array')],
  [tags.structure, takeItems('structure')],
  [tags.bool, (reader) => ({ type: 'bool', value: reader.uint8() !== 0 })],
  [tags.bits, takeBits],
  [tags.octets, (reader) => ({ type: 'octets', bytes: reader.octets() })],
  [tags.compactArray, takeCompactArray],
  ...entriesOf(texts).map(
    ([type, { tag, encoding }]) =>
      [tag, (reader: Reader): Data => ({ type, text: reader.octets().toString(encoding) })] as const,
  ),
  ...entriesOf(times).map(
    ([type, { tag, size }]) => [tag, (reader: Reader): Data => ({ type, bytes: reader.take(size) })] as const,
  ),
  ...entriesOf(scalars).map(
    ([type, { tag, size, read }]) =>
      [tag, (reader: Reader): Data => ({ type, value: read(reader.take(size)) })] as const,
  ),
]);

function entriesOf<Key extends string, Value>(record: Readonly<Record<Key, Value>>): readonly [Key, Value][] {
  const isKey = (key: string): key is Key => Object.hasOwn(record, key);
  return Object.keys(record)
    .filter(isKey)
    .map((key) => [key, record[key]]);
}

/** The whole value that begins here. Throws `answer-malformed`. */
export function takeData(reader: Reader, depth = 0): Data {
  if (depth > DEEPEST) throw malformed(`a value nested more than ${DEEPEST} deep`);
  return takerOf(reader.uint8())(reader, depth);
}

function takerOf(tag: number): Take {
  const taker = takers.get(tag);
  if (taker === undefined) throw malformed(`a value of the unknown type ${tag}`);
  return taker;
}

function takeItems(type: 'array' | 'structure'): Take {
  return (reader, depth) => {
    const count = reader.length();
    // Every item has a tag at least: what announces more than there can be is not read at all.
    if (count > reader.left) throw malformed(`${count} items in ${reader.left} bytes`);
    return { type, items: Array.from({ length: count }, () => takeData(reader, depth + 1)) };
  };
}

function takeBits(reader: Reader): Data {
  const count = reader.length();
  const bytes = reader.take(Math.ceil(count / 8));
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0'));
  return { type: 'bits', text: bits.join('').slice(0, count) };
}

/** IEC 62056-53, 8.6.2: the type of the items once, then their contents without tags. */
function takeCompactArray(reader: Reader, depth: number): Data {
  const take = takeDescription(reader, depth);
  const contents = new Reader(reader.octets());
  const items: Data[] = [];
  while (contents.left > 0) {
    const before = contents.left;
    items.push(take(contents, depth + 1));
    if (contents.left === before) throw malformed('a compact array of items without contents');
  }
  return { type: 'array', items };
}

function takeDescription(reader: Reader, depth: number): Take {
  if (depth > DEEPEST) throw malformed(`a type nested more than ${DEEPEST} deep`);
  const tag = reader.uint8();
  if (tag === tags.array) return repeated('array', reader.uint16(), () => takeDescription(reader, depth + 1));
  if (tag !== tags.structure) return takerOf(tag);
  const count = reader.length();
  if (count > reader.left) throw malformed(`a structure of ${count} types in ${reader.left} bytes`);
  const takes = Array.from({ length: count }, () => takeDescription(reader, depth + 1));
  return (contents, inner) => ({ type: 'structure', items: takes.map((take) => take(contents, inner + 1)) });
}

function repeated(type: 'array', count: number, description: () => Take): Take {
  const take = description();
  return (contents, depth) => {
    if (count > contents.left) throw malformed(`${count} items in ${contents.left} bytes`);
    return { type, items: Array.from({ length: count }, () => take(contents, depth + 1)) };
  };
}

/** The value that these bytes are, all of them. Throws `answer-malformed`. */
export function decodeData(bytes: Buffer): Data {
  const reader = new Reader(bytes);
  const data = takeData(reader);
  reader.end();
  return data;
}

export function encodeData(data: Data): Buffer {
  if (isNumber(data)) return encodeNumber(data);
  if ('bytes' in data) return encodeBytes(data);
  switch (data.type) {
    case 'null':
      return Buffer.of(tags.null);
    case 'array':
    case 'structure':
      return tagged(tags[data.type], encodeLength(data.items.length), ...data.items.map(encodeData));
    case 'bool':
      return Buffer.of(tags.bool, Number(data.value));
    case 'bits':
      return tagged(tags.bits, encodeLength(data.text.length), bitsOf(data.text));
    case 'string':
    case 'utf8':
      return tagged(texts[data.type].tag, encodeOctets(Buffer.from(data.text, texts[data.type].encoding)));
  }
}

function encodeBytes({ type, bytes }: Bytes): Buffer {
  return type === 'octets' ? tagged(tags.octets, encodeOctets(bytes)) : tagged(times[type].tag, bytes);
}

function encodeNumber({ type, value }: Number): Buffer {
  const { tag, size, write, writeBig } = scalars[type];
  const bytes = Buffer.alloc(size);
  if (typeof value === 'number') write(bytes, value);
  else if (writeBig === undefined) write(bytes, Number(value));
  else writeBig(bytes, value);
  return tagged(tag, bytes);
}

function bitsOf(text: string): Buffer {
  return Buffer.from((text.match(/.{1,8}/g) ?? []).map((bits) => Number.parseInt(bits.padEnd(8, '0'), 2)));
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(tag), ...parts]);
}

/** Whether a value is a number of whatever size. */
export function isNumber(data: Data | undefined): data is Number {
  return data !== undefined && Object.hasOwn(scalars, data.type);
}
