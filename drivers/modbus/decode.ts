import type { Reason, Value } from '../../src/model/reading.ts';
import type { NetworkForm, Order, RegisterType, ScalarName } from './address.ts';
import { arrange, arrangeText } from './order.ts';

/** Takes a value out of an answer's data bytes: at a byte offset, or at a bit index; undefined where there is none. */
type Decode = (data: Buffer, offset: number) => Value | undefined;

/** `fault` is why a reading is bad for which `decode` finds no value. */
export type Decoder = { readonly decode: Decode; readonly fault: Reason };

/** Builds the decoder of one point, once per plan: what it returns runs for every reading. */
export function compileDecoder(type: RegisterType, order: Order): Decoder {
  if (type.name === 'string') return { decode: decodeText(type.characters, order), fault: 'type-mismatch' };
  if (type.name === 'network') return { decode: NETWORK[type.form], fault: 'type-mismatch' };
  const decode = type.name === 'bits' ? decodeBits(type.first, type.last) : SCALARS[type.name];
  const float = type.name === 'float32' || type.name === 'float64';
  return { decode: arranged(decode, type.words, order), fault: float ? 'not-a-number' : 'type-mismatch' };
}

/** Coils and discrete inputs arrive eight to a byte, the first in the lowest bit. */
export const bitDecoder: Decoder = {
  decode: (data, index) => ((data.readUInt8(index >> 3) >> (index & 7)) & 1) === 1,
  fault: 'type-mismatch',
};

const SCALARS = {
  bool: (data, offset) => data.readUInt16BE(offset) !== 0,
  int16: (data, offset) => data.readInt16BE(offset),
  uint16: (data, offset) => data.readUInt16BE(offset),
  int32: (data, offset) => data.readInt32BE(offset),
  uint32: (data, offset) => data.readUInt32BE(offset),
  int64: (data, offset) =>
    exactly(data.readInt32BE(offset), data.readUInt32BE(offset + 4)) ?? data.readBigInt64BE(offset),
  uint64: (data, offset) =>
    exactly(data.readUInt32BE(offset), data.readUInt32BE(offset + 4)) ?? data.readBigUInt64BE(offset),
  float32: (data, offset) => finite(data.readFloatBE(offset)),
  float64: (data, offset) => finite(data.readDoubleBE(offset)),
  bcd16: (data, offset) => decimalDigits(data.readUInt16BE(offset)),
  bcd32: (data, offset) => decimalDigits(data.readUInt32BE(offset)),
} as const satisfies Record<ScalarName, Decode>;

/** The integer as a number where a double holds it exactly: most counters, and far cheaper than a bigint. */
function exactly(high: number, low: number): number | undefined {
  const value = high * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** 0x1234 is 1234; undefined when a nibble is no digit. */
function decimalDigits(packed: number): number | undefined {
  let value = 0;
  for (let rest = packed, weight = 1; rest > 0; rest = Math.floor(rest / 16), weight *= 10) {
    const digit = rest % 16;
    if (digit > 9) return undefined;
    value += digit * weight;
  }
  return value;
}

function decodeBits(first: number, last: number): Decode {
  const mask = (1 << (last - first + 1)) - 1;
  return (data, offset) => (data.readUInt16BE(offset) >> first) & mask;
}

function arranged(decode: Decode, words: number, order: Order): Decode {
  // In the order of the network nothing moves, and one register has no words to exchange.
  if (order === 'ABCD' || (order === 'CDAB' && words === 1)) return decode;
  const bytes = Buffer.alloc(words * 2);
  return (data, offset) => {
    data.copy(bytes, 0, offset, offset + bytes.length);
    return decode(arrange(bytes, order), 0);
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(characters: number, order: Order): Decode {
  const bytes = Buffer.alloc(Math.ceil(characters / 2) * 2);
  return (data, offset) => {
    data.copy(bytes, 0, offset, offset + bytes.length);
    const text = textOf(arrangeText(bytes, order).subarray(0, characters)).trim();
    // A control character says that these registers hold something else.
    return /\p{Cc}/u.test(text) ? undefined : text;
  };
}

/** Text ends at the first NUL: what follows is memory of longer texts. Devices that know no UTF-8 mean Latin-1. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const content = end === -1 ? bytes : bytes.subarray(0, end);
  try {
    return utf8.decode(content);
  } catch {
    return content.toString('latin1');
  }
}

const NETWORK = {
  ipv4: (data, offset) => [...data.subarray(offset, offset + 4)].join('.'),
  ipv6: (data, offset) =>
    [0, 2, 4, 6, 8, 10, 12, 14].map((at) => data.readUInt16BE(offset + at).toString(16)).join(':'),
  // The first of its four registers is empty.
  eui48: (data, offset) => data.toString('hex', offset + 2, offset + 8).replaceAll(/(..)(?=.)/g, '$1:'),
} as const satisfies Record<NetworkForm, Decode>;
