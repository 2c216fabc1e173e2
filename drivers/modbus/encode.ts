import type { Value } from '../../src/model/reading.ts';
import type { Order, RegisterType, ScalarName } from './address.ts';
import { arrange, arrangeText } from './order.ts';

/** The registers that hold `value`, as bytes to be sent; undefined when the type cannot hold it. */
export function encodeValue(value: Value, type: RegisterType, order: Order): Buffer | undefined {
  const bytes = Buffer.alloc(type.words * 2);
  if (!write(bytes, value, type)) return undefined;
  return type.name === 'string' ? arrangeText(bytes, order) : arrange(bytes, order);
}

/** Writes in the order of the network; false when the type cannot hold the value. */
function write(bytes: Buffer, value: Value, type: RegisterType): boolean {
  if (type.name === 'string') return typeof value === 'string' && writeText(bytes, value, type.characters);
  if (type.name === 'bits') return typeof value === 'number' && writeBits(bytes, value, type);
  if (type.name === 'network') return false;
  if (type.name === 'bool') return typeof value === 'boolean' && bytes.writeUInt16BE(value ? 1 : 0) > 0;
  return isNumeric(value) && writeNumber(bytes, value, type.name);
}

type NumberName = Exclude<ScalarName, 'bool'>;
type Numeric = number | bigint;

const WRITERS = {
  int16: (bytes, value) => bytes.writeInt16BE(Number(value)),
  uint16: (bytes, value) => bytes.writeUInt16BE(Number(value)),
  int32: (bytes, value) => bytes.writeInt32BE(Number(value)),
  uint32: (bytes, value) => bytes.writeUInt32BE(Number(value)),
  int64: (bytes, value) => bytes.writeBigInt64BE(BigInt(value)),
  uint64: (bytes, value) => bytes.writeBigUInt64BE(BigInt(value)),
  float32: (bytes, value) => bytes.writeFloatBE(Number(value)),
  float64: (bytes, value) => bytes.writeDoubleBE(Number(value)),
  // 1234 is 0x1234: its decimal digits read as hexadecimal ones.
  bcd16: (bytes, value) => bytes.writeUInt16BE(Number.parseInt(String(value), 16)),
  bcd32: (bytes, value) => bytes.writeUInt32BE(Number.parseInt(String(value), 16)),
} as const satisfies Record<NumberName, (bytes: Buffer, value: Numeric) => void>;

const GREATEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** The least and the greatest number that each type holds. */
export const RANGES = {
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0, 2n ** 64n - 1n],
  float32: [-GREATEST_FLOAT32, GREATEST_FLOAT32],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
  bcd16: [0, 9_999],
  bcd32: [0, 99_999_999],
} as const satisfies Record<NumberName, readonly [Numeric, Numeric]>;

function isNumeric(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint';
}

function writeNumber(bytes: Buffer, value: Numeric, name: NumberName): boolean {
  const [least, greatest] = RANGES[name];
  const whole = typeof value === 'bigint' || Number.isInteger(value) || name === 'float32' || name === 'float64';
  // Written so that NaN fails too.
  if (!(whole && value >= least && value <= greatest)) return false;
  WRITERS[name](bytes, value);
  return true;
}

function writeBits(bytes: Buffer, value: number, { first, last }: { first: number; last: number }): boolean {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (last - first + 1)) return false;
  bytes.writeUInt16BE(value << first);
  return true;
}

function writeText(bytes: Buffer, value: string, characters: number): boolean {
  return Buffer.byteLength(value) <= characters && bytes.write(value) >= 0;
}
