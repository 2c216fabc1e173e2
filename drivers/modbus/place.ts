import type { DriverPoint, Placement } from '../../src/collect/driver.ts';
import { BOOL, holdsBits, printType, type RegisterType } from './address.ts';
import { locate } from './plan.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';

const BITS_PER_WORD = 16;

/** Where a point lies, bit by bit; throws as `locate` does. */
export function place(point: DriverPoint<PointAddress>, device: DeviceSettings): Placement {
  const { table, address, size, type, order } = locate(point, device);
  const { read } = point.address;
  const isOrdered = type.words > 1 && type.name !== 'string';
  const start = holdsBits(table) ? address : address * BITS_PER_WORD;
  const { first, last } = partsOf(type, holdsBits(table) ? size : size * BITS_PER_WORD);
  return {
    text: printPlace(read.table, read.address, type),
    type: isOrdered ? `${printType(type)} ${order}` : printType(type),
    space: table,
    first: start + first,
    last: start + last,
    isPart: type.name === 'bits',
    needs: isOrdered && point.address.order === undefined ? ['order'] : [],
  };
}

function partsOf(type: RegisterType, size: number): { readonly first: number; readonly last: number } {
  return type.name === 'bits' ? type : { first: 0, last: size - 1 };
}

function printPlace(table: string, address: number, type: RegisterType): string {
  const registers = type.words === 1 ? `${address}` : `${address}..${address + type.words - 1}`;
  if (type.name !== 'bits') return `${table} ${registers}`;
  return `${table} ${registers} ${type.first === type.last ? `bit ${type.first}` : `bits ${type.first}..${type.last}`}`;
}

/** The least and greatest raw value of types that do not use all that their registers could hold. */
export function rangeOf(type: RegisterType = BOOL): readonly [number, number] | undefined {
  if (type.name === 'bits') return [0, 2 ** (type.last - type.first + 1) - 1];
  if (type.name === 'bcd16') return [0, 9_999];
  return type.name === 'bcd32' ? [0, 99_999_999] : undefined;
}
