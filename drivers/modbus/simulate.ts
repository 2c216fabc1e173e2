import type { SimulatedDevice, SimulatedPoint, Simulation } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import { holdsBits, tables } from './address.ts';
import type { RegisterType, Table } from './address.ts';
import { encodeValue, RANGES } from './encode.ts';
import { locate } from './plan.ts';
import type { Field } from './plan.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { serve } from './server.ts';
import { simulatedValue } from './simulated-values.ts';

/** A field and its value, as raw as the device would hold it, at `seconds` since 1970. */
type Cell = Field & { readonly value: (seconds: number) => Value };

/** The cells of one table, and the addresses that it answers: from `first` up to and without `end`. */
type Sheet = {
  readonly bits: boolean;
  readonly cells: readonly Cell[];
  readonly first: number;
  readonly end: number;
};
type Unit = ReadonlyMap<Table, Sheet>;

const TABLE_OF_FUNCTION: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };
const MOST_REGISTERS = 125; // MODBUS Application Protocol 1.1b3, 6.3
const MOST_BITS = 2_000; // 6.1

const REQUEST_BYTES = 5; // function, address, amount

const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;
const TARGET_FAILED = 11;

/**
 * Plays devices as one Modbus TCP server with many units. What lies between two points reads as zero, as reserved
 * registers do; what lies outside is refused; units that are not there get the answer of a gateway (exception 0x0B).
 */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, PointAddress>[],
  listen: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<Simulation> {
  const units = new Map<number, Unit>();
  for (const device of devices) {
    const { id, settings } = device.device;
    if (units.has(settings.unit)) {
      throw new GatewayError('usage', `${id}: unit ${settings.unit} is already played by another device`);
    }
    units.set(settings.unit, unitOf(device));
  }
  // Counters go on where they were after a restart, and a step of the clock moves nothing.
  const origin = clock.wall() - clock.monotonic();
  return serve(listen, (unit, request) => {
    const answer = answerTo(request, units.get(unit), (origin + clock.monotonic()) / 1_000);
    return typeof answer === 'number' ? Buffer.of(request.readUInt8(0) | 0x80, answer) : answer;
  });
}

function unitOf({ device, points }: SimulatedDevice<DeviceSettings, PointAddress>): Unit {
  const cells = device.points.map((point): Cell => {
    const field = locate(point, device.settings);
    return { ...field, value: rawValue(field, points.get(point.number)) };
  });
  return new Map(
    tables.map((table) => {
      const own = cells.filter((cell) => cell.table === table);
      return [table, sheetOf(own, holdsBits(table))];
    }),
  );
}

function sheetOf(cells: readonly Cell[], bits: boolean): Sheet {
  return {
    bits,
    cells,
    first: Math.min(...cells.map((cell) => cell.address)),
    end: Math.max(...cells.map((cell) => cell.address + cell.size)),
  };
}

const PLAIN: SimulatedPoint = { quantity: undefined, unit: undefined, kind: 'gauge', scale: 1, offset: 0 };

function rawValue({ point, type }: Field, simulated: SimulatedPoint = PLAIN): (seconds: number) => Value {
  const value = simulatedValue(point.id, simulated);
  return (seconds) => fit((value(seconds) - simulated.offset) / simulated.scale, type, point.id);
}

/** The nearest value that the type holds; a counter that outgrows its registers begins again, as real ones do. */
function fit(raw: number, type: RegisterType, id: string): Value {
  if (type.name === 'string') return id.slice(0, type.characters);
  if (type.name === 'bool') return raw >= 0.5;
  if (type.name === 'bits') return wrap(raw, 2 ** (type.last - type.first + 1) - 1);
  if (type.name === 'float32' || type.name === 'float64') return raw;
  const [least, greatest] = RANGES[type.name];
  return raw < 0 ? Math.max(Math.round(raw), Number(least)) : wrap(raw, Number(greatest));
}

function wrap(raw: number, greatest: number): number {
  return Math.max(0, Math.round(raw)) % (greatest + 1);
}

/** The answer's PDU, or the number of an exception. */
function answerTo(request: Buffer, unit: Unit | undefined, seconds: number): Buffer | number {
  if (unit === undefined) return TARGET_FAILED;
  const code = request.readUInt8(0);
  const table = TABLE_OF_FUNCTION[code];
  if (table === undefined) return ILLEGAL_FUNCTION;
  const size = request.length === REQUEST_BYTES ? request.readUInt16BE(3) : 0;
  if (size < 1 || size > (holdsBits(table) ? MOST_BITS : MOST_REGISTERS)) return ILLEGAL_VALUE;
  const data = dataFrom(unit.get(table), request.readUInt16BE(1), size, seconds);
  return data === undefined ? ILLEGAL_ADDRESS : Buffer.concat([Buffer.of(code, data.length), data]);
}

function dataFrom(sheet: Sheet | undefined, address: number, size: number, seconds: number): Buffer | undefined {
  if (sheet === undefined || address < sheet.first || address + size > sheet.end) return undefined;
  return (sheet.bits ? bitsOf : registersOf)(sheet.cells, address, size, seconds);
}

function registersOf(cells: readonly Cell[], address: number, size: number, seconds: number): Buffer {
  const data = Buffer.alloc(size * 2);
  for (const cell of cells) {
    if (cell.address >= address + size || cell.address + cell.size <= address) continue;
    const bytes = encodeValue(cell.value(seconds), cell.type, cell.order);
    // Several `bits` points may share a register, and a request may begin or end within a cell.
    bytes?.forEach((byte, index) => {
      const position = (cell.address - address) * 2 + index;
      if (position >= 0 && position < data.length) data.writeUInt8(data.readUInt8(position) | byte, position);
    });
  }
  return data;
}

function bitsOf(cells: readonly Cell[], address: number, size: number, seconds: number): Buffer {
  const data = Buffer.alloc(Math.ceil(size / 8));
  for (const cell of cells) {
    const index = cell.address - address;
    if (index < 0 || index >= size || cell.value(seconds) !== true) continue;
    data.writeUInt8(data.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  }
  return data;
}
