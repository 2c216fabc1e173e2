import type { SimulatedDevice, SimulatedPoint } from '../../src/collect/simulation.ts';
import type { Value } from '../../src/model/reading.ts';
import { holdsBits, tables } from './address.ts';
import type { RegisterType, Table } from './address.ts';
import { encodeValue, RANGES } from './encode.ts';
import { identificationAnswer } from './simulated-identification.ts';
import { EXCEPTION_FLAG, functions } from './pdu.ts';
import { locate } from './plan.ts';
import type { Field } from './plan.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { simulatedValue } from '../meter/simulated-values.ts';

/** A field and its value, as raw as the device would hold it, at `seconds` since 1970. */
type Cell = Field & { readonly writable: boolean; readonly value: (seconds: number) => Value };

/** The cells of one table, and the addresses that it answers: from `first` up to and without `end`. */
type Sheet = {
  readonly bits: boolean;
  readonly cells: readonly Cell[];
  readonly first: number;
  readonly end: number;
  /** What was written, by address. */
  readonly written: Map<number, number>;
};

const MOST_REGISTERS = 125; // MODBUS Application Protocol 1.1b3, 6.3
const MOST_BITS = 2_000; // 6.1
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;

/** The PDU that answers a request's, or the code of an exception. */
type Outcome = Buffer | number;

/**
 * One device as its profile describes it. What lies between two points reads as zero, as reserved registers do; what
 * lies outside is refused; only writable points can be written.
 */
export class SimulatedUnit {
  readonly #sheets: ReadonlyMap<Table, Sheet>;
  readonly #identity: SimulatedDevice<DeviceSettings, PointAddress>['identity'];

  constructor({ device, points, identity }: SimulatedDevice<DeviceSettings, PointAddress>) {
    this.#identity = identity;
    const factors = new Set(device.points.map(({ address }) => `${device.id}/${address.scaleFrom}`));
    const cells = device.points.map((point): Cell => {
      const field = locate(point, device.settings);
      const simulated = points.get(point.number) ?? PLAIN;
      const value = factors.has(point.id) ? () => FACTOR : rawValue(field, simulated);
      return { ...field, writable: simulated.writable ?? false, value };
    });
    this.#sheets = new Map(
      tables.map((table) => [
        table,
        sheetOf(
          cells.filter((cell) => cell.table === table),
          holdsBits(table),
        ),
      ]),
    );
  }

  /** Answers the PDU of a request, at `seconds` since 1970. */
  answer(request: Buffer, seconds: number): Buffer {
    const outcome = this.#handle(request, seconds);
    return typeof outcome === 'number' ? exceptionTo(request, outcome) : outcome;
  }

  #handle(request: Buffer, seconds: number): Outcome {
    const code = request.readUInt8(0);
    if (code === functions.encapsulated) return identificationAnswer(request, this.#identity);
    const table = TABLES[code];
    if (table === undefined) return ILLEGAL_FUNCTION;
    const sheet = this.#sheets.get(table);
    if (request.length < 5 || sheet === undefined) return ILLEGAL_VALUE;
    return WRITES[code] === undefined ? read(request, sheet, seconds) : WRITES[code](request, sheet, seconds);
  }
}

export function exceptionTo(request: Buffer, code: number): Buffer {
  return Buffer.of(request.readUInt8(0) | EXCEPTION_FLAG, code);
}

const TABLES: Readonly<Record<number, Table>> = {
  [functions.readCoils]: 'coil',
  [functions.readDiscretes]: 'discrete',
  [functions.readHoldings]: 'holding',
  [functions.readInputs]: 'input',
  [functions.writeCoil]: 'coil',
  [functions.writeCoils]: 'coil',
  [functions.writeRegister]: 'holding',
  [functions.writeRegisters]: 'holding',
  [functions.maskRegister]: 'holding',
};

type Write = (request: Buffer, sheet: Sheet, seconds: number) => Outcome;

const WRITES: Readonly<Record<number, Write>> = {
  [functions.writeCoil]: (request, sheet) => {
    const value = request.readUInt16BE(3);
    if (value !== 0 && value !== 0xff00) return ILLEGAL_VALUE;
    return store(sheet, request.readUInt16BE(1), [value === 0 ? 0 : 1]) ?? request;
  },
  [functions.writeRegister]: (request, sheet) =>
    store(sheet, request.readUInt16BE(1), [request.readUInt16BE(3)]) ?? request,
  [functions.writeCoils]: (request, sheet) => {
    const amount = request.readUInt16BE(3);
    if (amount < 1 || request.length !== 6 + Math.ceil(amount / 8)) return ILLEGAL_VALUE;
    const bits = Array.from({ length: amount }, (_, index) => (request.readUInt8(6 + (index >> 3)) >> (index & 7)) & 1);
    return store(sheet, request.readUInt16BE(1), bits) ?? request.subarray(0, 5);
  },
  [functions.writeRegisters]: (request, sheet) => {
    const amount = request.readUInt16BE(3);
    if (amount < 1 || request.length !== 6 + amount * 2) return ILLEGAL_VALUE;
    const words = Array.from({ length: amount }, (_, index) => request.readUInt16BE(6 + index * 2));
    return store(sheet, request.readUInt16BE(1), words) ?? request.subarray(0, 5);
  },
  [functions.maskRegister]: (request, sheet, seconds) => {
    if (request.length !== 7) return ILLEGAL_VALUE;
    const [address, and, or] = [request.readUInt16BE(1), request.readUInt16BE(3), request.readUInt16BE(5)];
    const now = dataFrom(sheet, address, 1, seconds)?.readUInt16BE(0);
    if (now === undefined) return ILLEGAL_ADDRESS;
    // 6.16: (what it holds AND and) OR (or AND NOT and)
    return store(sheet, address, [(now & and) | (or & ~and & 0xffff)]) ?? request;
  },
};

/** Keeps what was written; answers with an exception where something there cannot be written. */
function store(sheet: Sheet, address: number, values: readonly number[]): number | undefined {
  const isWritable = (place: number): boolean =>
    sheet.cells.some((cell) => cell.writable && cell.address <= place && place < cell.address + cell.size);
  if (!values.every((_, index) => isWritable(address + index))) return ILLEGAL_ADDRESS;
  values.forEach((value, index) => sheet.written.set(address + index, value));
  return undefined;
}

function read(request: Buffer, sheet: Sheet, seconds: number): Outcome {
  const amount = request.length === 5 ? request.readUInt16BE(3) : 0;
  if (amount < 1 || amount > (sheet.bits ? MOST_BITS : MOST_REGISTERS)) return ILLEGAL_VALUE;
  const data = dataFrom(sheet, request.readUInt16BE(1), amount, seconds);
  return data === undefined ? ILLEGAL_ADDRESS : Buffer.concat([Buffer.of(request.readUInt8(0), data.length), data]);
}

function dataFrom(sheet: Sheet, address: number, size: number, seconds: number): Buffer | undefined {
  if (address < sheet.first || address + size > sheet.end) return undefined;
  return (sheet.bits ? bitsOf : registersOf)(sheet, address, size, seconds);
}

function registersOf({ cells, written }: Sheet, address: number, size: number, seconds: number): Buffer {
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
  for (let index = 0; index < size; index++) {
    const value = written.get(address + index);
    if (value !== undefined) data.writeUInt16BE(value, index * 2);
  }
  return data;
}

function bitsOf({ cells, written }: Sheet, address: number, size: number, seconds: number): Buffer {
  const data = Buffer.alloc(Math.ceil(size / 8));
  for (const cell of cells) {
    const index = cell.address - address;
    if (index < 0 || index >= size) continue;
    const on = written.get(cell.address) ?? Number(cell.value(seconds) === true);
    data.writeUInt8(data.readUInt8(index >> 3) | (on << (index & 7)), index >> 3);
  }
  return data;
}

function sheetOf(cells: readonly Cell[], bits: boolean): Sheet {
  return {
    bits,
    cells,
    first: Math.min(...cells.map((cell) => cell.address)),
    end: Math.max(...cells.map((cell) => cell.address + cell.size)),
    written: new Map(),
  };
}

const FACTOR = -1; // what every scale factor holds: a decimal for each of its values

const PLAIN: SimulatedPoint = { quantity: undefined, unit: undefined, kind: 'gauge', scale: 1, offset: 0 };

function rawValue({ point, type }: Field, simulated: SimulatedPoint): (seconds: number) => Value {
  const value = simulatedValue(point.id, simulated);
  const scale = simulated.scale * (point.address.scaleFrom === undefined ? 1 : 10 ** FACTOR);
  return (seconds) => fit((value(seconds) - simulated.offset) / scale, type, point.id);
}

/** The nearest value that the type holds; a counter that outgrows its registers begins again, as real ones do. */
function fit(raw: number, type: RegisterType, id: string): Value {
  if (type.name === 'string') return id.slice(0, type.characters);
  if (type.name === 'network') return '';
  if (type.name === 'bool') return raw >= 0.5;
  if (type.name === 'bits') return wrap(raw, 2 ** (type.last - type.first + 1) - 1);
  if (type.name === 'float32' || type.name === 'float64') return raw;
  const [least, greatest] = RANGES[type.name];
  return raw < 0 ? Math.max(Math.round(raw), Number(least)) : wrap(raw, Number(greatest));
}

function wrap(raw: number, greatest: number): number {
  return Math.max(0, Math.round(raw)) % (greatest + 1);
}
