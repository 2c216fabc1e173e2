import { expect, test } from 'vitest';
import { compileDecoder } from '../../../drivers/modbus/decode.ts';
import { encodeValue } from '../../../drivers/modbus/encode.ts';
import { locate, type Field } from '../../../drivers/modbus/plan.ts';
import type { PointAddress } from '../../../drivers/modbus/schema.ts';
import { shipped } from './shipped-profile.ts';

type Mark = { readonly field: Field; readonly equals: number | string | boolean };

type Marked = { readonly name: string; readonly marks: readonly Mark[] };

const marked: readonly Marked[] = shipped
  .map(({ profile: { name, fingerprint }, device }) => ({
    name,
    marks: fingerprint.map(({ address, equals }) => ({
      field: locate({ number: 0, id: name, address: address as PointAddress }, device),
      equals,
    })),
  }))
  .filter(({ marks }) => marks.length > 0);

/** The registers of a device that `marks` are made for, in hexadecimal, by table and address. */
function registersOf(marks: readonly Mark[]): ReadonlyMap<string, string> {
  return new Map(
    marks.flatMap(({ field, equals }) => {
      const words = encodeValue(equals, field.type, field.order)?.toString('hex').match(/.{4}/g) ?? [];
      return words.map((word, index) => [`${field.table} ${field.address + index}`, word] as const);
    }),
  );
}

/** Whether a device with these registers is recognised; one that may have anything in others is not. */
function recognises(marks: readonly Mark[], registers: ReadonlyMap<string, string>): boolean {
  return marks.every(({ field: { table, address, size, type, order }, equals }) => {
    const words = Array.from({ length: size }, (_, index) => registers.get(`${table} ${address + index}`) ?? '');
    const data = Buffer.from(words.join(''), 'hex');
    return data.length === size * 2 && compileDecoder(type, order).decode(data, 0) === equals;
  });
}

test.each(marked)('a device is recognised as $name, and as nothing else', ({ name, marks }) => {
  const registers = registersOf(marks);
  const recognised = marked.filter((other) => recognises(other.marks, registers));
  expect(recognised.map((other) => other.name)).toEqual([name]);
});
