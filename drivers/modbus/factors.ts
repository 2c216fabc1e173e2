import type { DriverDevice, DriverPoint } from '../../src/collect/driver.ts';
import { scaling } from '../../src/model/decimal.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import { holdsBits, type RegisterType, type Table } from './address.ts';
import { locate, type Field } from './plan.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';

type Device = DriverDevice<DeviceSettings, PointAddress>;
type Point = DriverPoint<PointAddress>;

const INT16: RegisterType = { name: 'int16', words: 1 };
const INTEGERS: readonly RegisterType['name'][] = ['int16', 'uint16', 'int32', 'uint32', 'bcd16', 'bits'];

/**
 * The fields of these points, and those of the scale factors that they need, which are read with them whether they are
 * points that are asked for or not. Throws `configuration-invalid` where a point cannot be read or scaled.
 */
export function fieldsOf(device: Device, points: readonly Point[]): readonly Field[] {
  const factors = new Map<number, Field>();
  const fields = points.map((point) => {
    const field = locate(point, device.settings);
    const factor = factorOf(point, field.table, device);
    if (factor === undefined) return field;
    factors.set(factor.point.number, factor);
    return { ...field, scaledBy: { factor: factor.point.number, shift: point.address.factor?.shift ?? 0 } };
  });
  return [...fields, ...factors.values()];
}

function factorOf(point: Point, table: Table, device: Device): Field | undefined {
  const { scaleFrom, factor } = point.address;
  if (factor !== undefined) {
    return factorField(point, { read: { table, address: factor.address }, type: INT16, order: 'ABCD' }, device);
  }
  return scaleFrom === undefined ? undefined : factorField(point, named(scaleFrom, point, device), device);
}

function factorField({ id }: Point, address: PointAddress, device: Device): Field {
  const field = locate({ number: 0, id, address }, device.settings);
  return { ...field, point: { ...field.point, number: factorNumber(field) }, isFactor: true };
}

// Points are numbered from 1 on; a scale factor that is no point is told by its place.
function factorNumber({ table, address }: Field): number {
  return -1 - address - (table === 'input' ? 0x1_0000 : 0);
}

function named(name: string, point: Point, device: Device): PointAddress {
  const complain = (message: string): never => {
    throw new GatewayError('configuration-invalid', `${point.id}: scaleFrom: ${message}`);
  };
  const { address } = device.points.find(({ id }) => id === `${device.id}/${name}`) ?? complain(`no point ${name}`);
  const { type } = address;
  if (holdsBits(address.read.table) || type === undefined || !INTEGERS.includes(type.name)) {
    return complain(`${name} is ${type?.name ?? 'bool'}, a power of ten is an integer such as int16`);
  }
  return address;
}

const NOT_IMPLEMENTED = -0x8000; // SunSpec: the mark of a scale factor that is not there
const GREATEST = 10; // SunSpec: scale factors are -10 to 10

/** Whether a value is a power of ten to scale with: `missing` where the device says that it has none. */
export function judgeFactor(value: Value | undefined): number | 'missing' | 'nonsense' {
  if (value === NOT_IMPLEMENTED) return 'missing';
  return typeof value === 'number' && Math.abs(value) <= GREATEST ? value : 'nonsense';
}

const scalings = new Map<number, (raw: number | bigint) => number | bigint>();

/** `value` × 10^`exponent`, exactly in decimal; what is no number is left as it is. */
export function scaleByPower(value: Value, exponent: number): Value {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const scale = scalings.get(exponent) ?? scaling(Number(`1e${exponent}`), 0);
  scalings.set(exponent, scale);
  return scale(value);
}
