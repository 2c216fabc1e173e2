import { HIGHEST_ADDRESS, holdsBits, orders, parseType, type Order, type RegisterType } from './address.ts';
import type { PointAddress } from './schema.ts';

type Alternative = { readonly name: string; readonly address: PointAddress };

// One register's bytes can only be exchanged; in text they are exchanged within each register.
const ORDERS_OF_ONE: readonly Order[] = ['ABCD', 'BADC'];

const TYPES = [
  'int16',
  'uint16',
  'bcd16',
  'int32',
  'uint32',
  'float32',
  'bcd32',
  'int64',
  'uint64',
  'float64',
  'string(16)',
].map((name) => ({ name, type: parseType(name) }));

/**
 * What a place may hold: every type in every order of its bytes that makes a difference, named like `float32 CDAB`.
 * What would lie beyond the last register is left out; a bit is nothing but a bit.
 */
export function alternatives({ read }: PointAddress): readonly Alternative[] {
  if (holdsBits(read.table)) return [{ name: 'bool', address: { read } }];
  return TYPES.flatMap(({ name, type }) => {
    if (typeof type === 'string' || read.address + type.words - 1 > HIGHEST_ADDRESS) return [];
    return ordersOf(type).map((order) => ({ name: `${name} ${order}`, address: { read, type, order } }));
  });
}

function ordersOf(type: RegisterType): readonly Order[] {
  return type.words === 1 || type.name === 'string' ? ORDERS_OF_ONE : orders;
}
