import { expect, test } from 'vitest';
import { alternatives } from '../../../drivers/modbus/alternatives.ts';
import { pointSchema } from '../../../drivers/modbus/schema.ts';

function names(read: string): readonly string[] {
  return alternatives(pointSchema.parse({ read, type: /coil|discrete/.test(read) ? 'bool' : 'uint16' })).map(
    ({ name }) => name,
  );
}

const FOUR = ['ABCD', 'CDAB', 'BADC', 'DCBA'];

test('a register may be of any type, in every order of its bytes that makes a difference', () => {
  const ones = ['int16', 'uint16', 'bcd16'].flatMap((type) => [`${type} ABCD`, `${type} BADC`]);
  const twos = ['int32', 'uint32', 'float32', 'bcd32'].flatMap((type) => FOUR.map((order) => `${type} ${order}`));
  const fours = ['int64', 'uint64', 'float64'].flatMap((type) => FOUR.map((order) => `${type} ${order}`));
  expect(names('holding 100')).toEqual([...ones, ...twos, ...fours, 'string(16) ABCD', 'string(16) BADC']);
});

test('they are addresses as a configuration would have them', () => {
  const [first, ...others] = alternatives(pointSchema.parse({ read: 'input 7', type: 'float32' }));
  expect(first).toEqual({
    name: 'int16 ABCD',
    address: { ...pointSchema.parse({ read: 'input 7', type: 'int16' }), order: 'ABCD' },
  });
  expect(others.at(-1)?.address).toEqual({
    ...pointSchema.parse({ read: 'input 7', type: 'string(16)' }),
    order: 'BADC',
  });
});

test('at the last register nothing longer than it', () => {
  expect(names('holding 65535')).toEqual([
    'int16 ABCD',
    'int16 BADC',
    'uint16 ABCD',
    'uint16 BADC',
    'bcd16 ABCD',
    'bcd16 BADC',
  ]);
});

test('a bit is a bit', () => {
  expect(names('coil 5')).toEqual(['bool']);
});
