import type { DriverPoint } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { PointNumber } from '../../src/model/reading.ts';
import { BOOL, holdsBits, tables } from './address.ts';
import type { Order, RegisterType, Table } from './address.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';

/** A point as it lies in its device: address as on the wire, `size` in registers, or in bits where the table holds bits. */
export type Field = {
  readonly point: DriverPoint<PointAddress>;
  readonly table: Table;
  readonly address: number;
  readonly size: number;
  readonly type: RegisterType;
  readonly order: Order;
  /** The scale factor of the value, by the number of its field, and what is added to it. */
  readonly scaledBy?: { readonly factor: PointNumber; readonly shift: number };
  /** It is read for the values that it scales, and is no reading itself. */
  readonly isFactor?: true;
};

/** One request: `size` registers (or bits) from `address`, and the fields that its answer holds, by address. */
export type Block = {
  readonly table: Table;
  readonly address: number;
  readonly size: number;
  readonly fields: readonly Field[];
};

/**
 * What refusals teach. `alone`: the field is refused by itself, so that nothing may be read together with it.
 * `wall`: no request that begins before `address` may hold a field from there on.
 */
export type Lesson =
  | { readonly kind: 'alone'; readonly field: Field }
  | { readonly kind: 'wall'; readonly table: Table; readonly address: number };

const BITS_PER_WORD = 16;

/** Throws `configuration-invalid` for what only point and device together show to be impossible. */
export function locate(point: DriverPoint<PointAddress>, device: DeviceSettings): Field {
  const { read, type = BOOL, order = device.order } = point.address;
  const address = read.address - device.base;
  const complain = (message: string): never => {
    throw new GatewayError('configuration-invalid', `${point.id}: ${message}`);
  };
  if (address < 0) complain(`with base 1 there is no ${read.table} 0`);
  if (type.words > device.maxWords) {
    complain(`needs ${type.words} registers in one answer, but the device's maxWords is ${device.maxWords}`);
  }
  return { point, table: read.table, address, size: type.words, type, order };
}

/**
 * The fewest requests that read all fields: joined over gaps of at most `maxGap`, cut at `maxWords` and where a lesson
 * says so. A field is never split; tables are never mixed.
 */
export function planReads(
  fields: readonly Field[],
  limits: { readonly maxWords: number; readonly maxGap: number },
  lessons: readonly Lesson[] = [],
): readonly Block[] {
  const refused = new Set(lessons.map((lesson) => (lesson.kind === 'alone' ? lesson.field.point.number : undefined)));
  return tables.flatMap((table) => {
    const unit = holdsBits(table) ? BITS_PER_WORD : 1;
    const most = { size: limits.maxWords * unit, gap: limits.maxGap * unit };
    const own = fields.filter((field) => field.table === table).toSorted((a, b) => a.address - b.address);
    const alone = own.filter(({ point }) => refused.has(point.number));
    const others = own.filter(({ point }) => !refused.has(point.number));
    return [...join(others, most, cutsOf(lessons, table)), ...alone.map((field) => blockOf([field]))].toSorted(
      (a, b) => a.address - b.address,
    );
  });
}

function cutsOf(lessons: readonly Lesson[], table: Table): readonly number[] {
  return lessons.flatMap((lesson) => {
    if (lesson.kind === 'wall') return lesson.table === table ? [lesson.address] : [];
    const { field } = lesson;
    return field.table === table ? [field.address, field.address + field.size] : [];
  });
}

function join(
  sorted: readonly Field[],
  most: { readonly size: number; readonly gap: number },
  cuts: readonly number[],
): readonly Block[] {
  const groups: Field[][] = [];
  let start = 0;
  let end = 0;
  for (const field of sorted) {
    const group = groups.at(-1);
    const fits =
      field.address - end <= most.gap &&
      Math.max(end, field.address + field.size) - start <= most.size &&
      !cuts.some((cut) => start < cut && cut <= field.address);
    if (group !== undefined && fits) {
      group.push(field);
      end = Math.max(end, field.address + field.size);
    } else {
      groups.push([field]);
      start = field.address;
      end = field.address + field.size;
    }
  }
  return groups.map(blockOf);
}

/** The request that reads these fields, which are of one table and sorted by address. */
export function blockOf(fields: readonly Field[]): Block {
  const [first] = fields;
  if (first === undefined) throw new GatewayError('failed', 'a request without points');
  const end = Math.max(...fields.map((field) => field.address + field.size));
  return { table: first.table, address: first.address, size: end - first.address, fields };
}

/** `holding 100..147 (48 registers, 12 points)` */
export function printBlock({ table, address, size, fields }: Block): string {
  const span = size === 1 ? `${address}` : `${address}..${address + size - 1}`;
  const unit = holdsBits(table) ? 'bit' : 'register';
  const points = fields.filter(({ isFactor }) => isFactor !== true).length;
  return `${table} ${span} (${count(size, unit)}, ${count(points, 'point')})`;
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
