import { describe, expect, test } from 'vitest';
import { orders, parseType } from '../../../drivers/modbus/address.ts';
import type { Order, RegisterType } from '../../../drivers/modbus/address.ts';
import { bitDecoder, compileDecoder } from '../../../drivers/modbus/decode.ts';
import { encodeValue } from '../../../drivers/modbus/encode.ts';
import type { Value } from '../../../src/model/reading.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

function typeNamed(text: string): RegisterType {
  const type = parseType(text);
  if (typeof type === 'string') throw new Error(type);
  return type;
}

function decode(hex: string, type: string, order: Order = 'ABCD'): Value | undefined {
  return compileDecoder(typeNamed(type), order).decode(Buffer.from(hex, 'hex'), 0);
}

describe('registers are decoded', () => {
  test.each<[string, string, Order, Value]>([
    ['fffe', 'int16', 'ABCD', -2],
    ['fffe', 'uint16', 'ABCD', 65_534],
    ['feff', 'uint16', 'BADC', 65_534],
    ['fffe', 'uint16', 'CDAB', 65_534],
    ['feff', 'int16', 'DCBA', -2],
    ['0a0b0c0d', 'uint32', 'ABCD', 0x0a0b0c0d],
    ['0c0d0a0b', 'uint32', 'CDAB', 0x0a0b0c0d],
    ['0b0a0d0c', 'uint32', 'BADC', 0x0a0b0c0d],
    ['0d0c0b0a', 'uint32', 'DCBA', 0x0a0b0c0d],
    ['1dc0fffe', 'int32', 'CDAB', -123_456],
    ['0102030405060708', 'uint64', 'ABCD', 0x0102030405060708n],
    ['0708050603040102', 'uint64', 'CDAB', 0x0102030405060708n],
    ['0201040306050807', 'uint64', 'BADC', 0x0102030405060708n],
    ['0807060504030201', 'uint64', 'DCBA', 0x0102030405060708n],
    ['001fffffffffffff', 'uint64', 'ABCD', Number.MAX_SAFE_INTEGER],
    ['0020000000000000', 'uint64', 'ABCD', 2n ** 53n],
    ['0020000000000001', 'uint64', 'ABCD', 2n ** 53n + 1n],
    ['ffe0000000000001', 'int64', 'ABCD', Number.MIN_SAFE_INTEGER],
    ['ffe0000000000000', 'int64', 'ABCD', -(2n ** 53n)],
    ['ffffffffffffffff', 'int64', 'ABCD', -1],
    ['8000000000000000', 'int64', 'ABCD', -(2n ** 63n)],
    ['4366199a', 'float32', 'ABCD', Math.fround(230.1)],
    ['199a4366', 'float32', 'CDAB', Math.fround(230.1)],
    ['80000000', 'float32', 'ABCD', -0],
    ['3fb999999999999a', 'float64', 'ABCD', 0.1],
    ['1234', 'bcd16', 'ABCD', 1_234],
    ['0000', 'bcd16', 'ABCD', 0],
    ['99999999', 'bcd32', 'ABCD', 99_999_999],
    ['56781234', 'bcd32', 'CDAB', 12_345_678],
    ['0000', 'bool', 'ABCD', false],
    ['0001', 'bool', 'ABCD', true],
    ['ff00', 'bool', 'ABCD', true],
    ['a5f0', 'bits(4..7)', 'ABCD', 0xf],
    ['a5f0', 'bits(15..15)', 'ABCD', 1],
    ['a5f0', 'bits(0..15)', 'ABCD', 0xa5f0],
    ['f0a5', 'bits(8..11)', 'BADC', 5],
    ['57656972', 'string(4)', 'ABCD', 'Weir'],
    ['65577269', 'string(4)', 'BADC', 'Weir'],
    ['57656972', 'string(4)', 'CDAB', 'Weir'],
    ['65577269', 'string(4)', 'DCBA', 'Weir'],
    ['57656972', 'string(3)', 'ABCD', 'Wei'],
    ['20205765697200ff', 'string(8)', 'ABCD', 'Weir'],
    ['0000', 'string(2)', 'ABCD', ''],
    ['5ac3bc726963682020', 'string(9)', 'ABCD', 'Zürich'],
    ['5afc726963682020', 'string(8)', 'ABCD', 'Zürich'],
  ])('%s as %s %s is %s', (hex, type, order, value) => {
    const padded = hex.padEnd(typeNamed(type).words * 4, '0');
    expect(decode(padded, type, order)).toBe(value);
  });
});

describe('what is no value of its type is bad for a reason', () => {
  test.each([
    ['7fc00000', 'float32', 'not-a-number'],
    ['7f800000', 'float32', 'not-a-number'],
    ['ff800000', 'float32', 'not-a-number'],
    ['7ff8000000000000', 'float64', 'not-a-number'],
    ['fff0000000000000', 'float64', 'not-a-number'],
    ['123a', 'bcd16', 'type-mismatch'],
    ['ffff', 'bcd16', 'type-mismatch'],
    ['1234567f', 'bcd32', 'type-mismatch'],
    ['41014242', 'string(4)', 'type-mismatch'],
  ])('%s as %s: %s', (hex, type, fault) => {
    expect(decode(hex, type)).toBeUndefined();
    expect(compileDecoder(typeNamed(type), 'ABCD').fault).toBe(fault);
  });
});

test('bits come eight to a byte, the first in the lowest bit', () => {
  const data = Buffer.from('cd6b05', 'hex');
  const bits = Array.from({ length: 19 }, (_, index) => bitDecoder.decode(data, index));
  expect(bits.map(Number).join('')).toBe('1011001111010110101');
});

test('a value is found at its offset among others', () => {
  const data = Buffer.from('ffff0c0d0a0bffff', 'hex');
  expect(compileDecoder(typeNamed('uint32'), 'CDAB').decode(data, 2)).toBe(0x0a0b0c0d);
  expect(data.toString('hex'), 'the answer itself stays as it was').toBe('ffff0c0d0a0bffff');
});

describe('values that the type cannot hold are not encoded', () => {
  test.each<[Value, string]>([
    [65_536, 'uint16'],
    [-1, 'uint16'],
    [32_768, 'int16'],
    [1.5, 'int32'],
    [2n ** 64n, 'uint64'],
    [-(2n ** 63n) - 1n, 'int64'],
    [10_000, 'bcd16'],
    [-1, 'bcd32'],
    [3.5e38, 'float32'],
    [Number.NaN, 'float32'],
    [Number.POSITIVE_INFINITY, 'float64'],
    ['7', 'int16'],
    [true, 'int16'],
    [1, 'bool'],
    [16, 'bits(0..3)'],
    [-1, 'bits(0..3)'],
    ['seven', 'string(4)'],
    ['Zürich', 'string(6)'],
    [7, 'string(4)'],
  ])('%s as %s', (value, type) => expect(encodeValue(value, typeNamed(type), 'ABCD')).toBeUndefined());
});

describe('encoding is the inverse of decoding', () => {
  const random = randomNumbers(502);
  const integer = (bits: number): bigint => BigInt.asIntN(bits, random.integer(bits));
  const unsigned = (bits: number): bigint => BigInt.asUintN(bits, random.integer(bits));
  const values: Record<string, () => Value> = {
    bool: () => random.below(2) === 1,
    int16: () => Number(integer(16)),
    uint16: () => Number(unsigned(16)),
    int32: () => Number(integer(32)),
    uint32: () => Number(unsigned(32)),
    int64: () => integer(64),
    uint64: () => unsigned(64),
    float32: () => Math.fround(random.float64() % 3.4e38),
    float64: () => random.float64(),
    bcd16: () => random.below(10_000),
    bcd32: () => random.below(100_000_000),
    'bits(3..9)': () => random.below(128),
    'string(7)': () =>
      String.fromCodePoint(...Array.from({ length: 1 + random.below(7) }, () => 0x21 + random.below(94))),
  };
  for (const [name, draw] of Object.entries(values)) {
    test.each(orders)(`${name} in order %s`, (order) => {
      const type = typeNamed(name);
      const { decode: back } = compileDecoder(type, order);
      for (let round = 0; round < 500; round++) {
        const value = draw();
        const bytes = encodeValue(value, type, order);
        expect(bytes?.length).toBe(type.words * 2);
        const again = bytes === undefined ? undefined : back(bytes, 0);
        // Integers that a double holds exactly come back as numbers.
        if (typeof value === 'bigint') expect(BigInt(String(again))).toBe(value);
        else expect(again).toBe(value);
      }
    });
  }
});
