import type { Table } from './address.ts';

// MODBUS Application Protocol 1.1b3: a PDU is a function code and its data, the same in every framing.

/** What is asked of one unit, and what its answer has to be. */
export type Question = {
  readonly unit: number;
  readonly pdu: Buffer;
  readonly answer: AnswerForm;
};

type AnswerForm = {
  /** How the answer's PDU begins, as far as the question decides it: the function, then a byte count or what is echoed. */
  readonly head: Buffer;
  /**
   * Bytes of the answer's PDU. Where only the answer tells: from its beginning, undefined while that is too short, and
   * 0 where no answer begins like that.
   */
  readonly size: number | ((begin: Buffer) => number | undefined);
};

/** How a whole PDU answers a question; undefined where it does not. */
export type Fit = 'data' | 'exception';

/** Unit and PDU together in bytes, from their beginning; undefined while that is too short, 0 where no frame begins so. */
export type Measure = (begin: Buffer) => number | undefined;

export const LONGEST_PDU = 253; // 4.1: an RTU frame of 256 bytes without unit and CRC
export const EXCEPTION_FLAG = 0x80; // 7: added to the function code
const EXCEPTION_BYTES = 2; // function and exception code

/** Function codes (6), by what they do. */
export const functions = {
  readCoils: 1,
  readDiscretes: 2,
  readHoldings: 3,
  readInputs: 4,
  writeCoil: 5,
  writeRegister: 6,
  writeCoils: 15,
  writeRegisters: 16,
  reportServer: 17,
  maskRegister: 22,
  encapsulated: 43,
} as const;

const READ = {
  coil: functions.readCoils,
  discrete: functions.readDiscretes,
  holding: functions.readHoldings,
  input: functions.readInputs,
} as const satisfies Record<Table, number>;

/** Reads `size` registers, or bits where the table holds bits (6.1 to 6.4). */
export function readQuestion(
  unit: number,
  { table, address, size }: { readonly table: Table; readonly address: number; readonly size: number },
): Question {
  const code = READ[table];
  const bytes = code <= functions.readDiscretes ? Math.ceil(size / 8) : size * 2;
  return { unit, pdu: words(code, address, size), answer: { head: Buffer.of(code, bytes), size: 2 + bytes } };
}

/** The data bytes of the answer to a read. */
export function dataOf(pdu: Buffer): Buffer {
  return pdu.subarray(2);
}

/** Switches one coil (6.5). */
export function writeCoil(unit: number, address: number, on: boolean): Question {
  return echoed(unit, words(functions.writeCoil, address, on ? 0xff00 : 0));
}

/** Writes one register (6.6) with the two bytes of `data`. */
export function writeRegister(unit: number, address: number, data: Buffer): Question {
  return echoed(unit, words(functions.writeRegister, address, data.readUInt16BE(0)));
}

/** Switches coils from `address` on (6.11). */
export function writeCoils(unit: number, address: number, coils: readonly boolean[]): Question {
  const data = Buffer.alloc(Math.ceil(coils.length / 8));
  coils.forEach((on, index) => {
    if (on) data.writeUInt8(data.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  });
  return counted(unit, words(functions.writeCoils, address, coils.length), data);
}

/** Writes registers from `address` on with the bytes of `data` (6.12). */
export function writeRegisters(unit: number, address: number, data: Buffer): Question {
  return counted(unit, words(functions.writeRegisters, address, data.length / 2), data);
}

/** Leaves one register with (what it holds AND `and`) OR (`or` AND NOT `and`) (6.16). */
export function maskRegister(unit: number, address: number, { and, or }: { and: number; or: number }): Question {
  return echoed(unit, words(functions.maskRegister, address, and, or));
}

const DEVICE_IDENTIFICATION = 14; // 6.21: the type of encapsulated message
const OBJECTS_AT = 6; // where the answer says how many objects follow

/** Asks for objects of the device's identification from `object` on, of the category `category` (6.21). */
export function identificationQuestion(unit: number, category: number, object: number): Question {
  const head = Buffer.of(functions.encapsulated, DEVICE_IDENTIFICATION, category);
  return { unit, pdu: Buffer.concat([head, Buffer.of(object)]), answer: { head, size: identificationSize } };
}

/** Each object brings its own length. */
function identificationSize(begin: Buffer): number | undefined {
  if (begin.length <= OBJECTS_AT) return undefined;
  let size = OBJECTS_AT + 1;
  for (let objects = begin.readUInt8(OBJECTS_AT); objects > 0; objects--) {
    if (begin.length < size + 2) return undefined;
    size += 2 + begin.readUInt8(size + 1);
    if (size > LONGEST_PDU) return 0;
  }
  return size;
}

/** Asks what the device calls itself, in its own words (6.13). */
export function serverIdQuestion(unit: number): Question {
  const pdu = Buffer.of(functions.reportServer);
  return { unit, pdu, answer: { head: pdu, size: serverIdSize } };
}

function serverIdSize(begin: Buffer): number | undefined {
  return begin.length < 2 ? undefined : 2 + begin.readUInt8(1);
}

function words(code: number, ...values: readonly number[]): Buffer {
  const pdu = Buffer.allocUnsafe(1 + values.length * 2);
  pdu.writeUInt8(code, 0);
  values.forEach((value, index) => pdu.writeUInt16BE(value, 1 + index * 2));
  return pdu;
}

/** A question that is answered by itself. */
function echoed(unit: number, pdu: Buffer): Question {
  return { unit, pdu, answer: { head: pdu, size: pdu.length } };
}

/** A question whose address and amount come back. */
function counted(unit: number, head: Buffer, data: Buffer): Question {
  const pdu = Buffer.concat([head, Buffer.of(data.length), data]);
  return { unit, pdu, answer: { head, size: head.length } };
}

export function codeOf({ pdu }: { readonly pdu: Buffer }): number {
  return pdu.readUInt8(0);
}

/** How a frame of any unit answers the question; undefined where it does not. */
export function fitOf(frame: { readonly unit: number; readonly pdu: Buffer }, question: Question): Fit | undefined {
  const { unit, pdu } = frame;
  if (unit !== question.unit || pdu.length < EXCEPTION_BYTES) return undefined;
  if (pdu.readUInt8(0) === (codeOf(question) | EXCEPTION_FLAG)) {
    return pdu.length === EXCEPTION_BYTES && pdu.readUInt8(1) > 0 ? 'exception' : undefined;
  }
  const { head, size } = question.answer;
  const due = typeof size === 'number' ? size : size(pdu);
  return pdu.length === due && beginAlike(pdu, head) ? 'data' : undefined;
}

/** Whether some data could answer either question. */
export function areAlike(one: Question, other: Question): boolean {
  const { size } = one.answer;
  const { size: otherSize } = other.answer;
  const mayBeAsLong = typeof size !== 'number' || typeof otherSize !== 'number' || size === otherSize;
  return one.unit === other.unit && mayBeAsLong && beginAlike(one.answer.head, other.answer.head);
}

function beginAlike(one: Buffer, other: Buffer): boolean {
  const length = Math.min(one.length, other.length);
  // A few bytes: comparing them here costs less than a call to have it done.
  for (let index = 0; index < length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** Measures the answers to these questions. */
export function measureAnswers(questions: readonly Question[]): Measure {
  return (begin) => {
    let most: number | undefined = 0;
    for (const question of questions) {
      const size = answerSize(begin, question);
      if (size === undefined) most = undefined;
      else if (size > 0) return size;
    }
    return most;
  };
}

function answerSize(begin: Buffer, { unit, pdu, answer: { head, size } }: Question): number | undefined {
  if (begin[0] !== unit) return 0;
  if (begin.length === 1) return undefined;
  if (begin[1] === ((pdu[0] ?? 0) | EXCEPTION_FLAG)) return 1 + EXCEPTION_BYTES;
  const known = Math.min(head.length, begin.length - 1);
  if (begin.compare(head, 0, known, 1, 1 + known) !== 0) return 0;
  if (typeof size === 'number') return 1 + size;
  const bytes = size(begin.subarray(1));
  return bytes === undefined || bytes === 0 ? bytes : 1 + bytes;
}

// Bytes of a request's unit and PDU, by function code: those that need no look at the data.
const REQUEST_BYTES: ReadonlyMap<number, number> = new Map([
  [functions.readCoils, 6],
  [functions.readDiscretes, 6],
  [functions.readHoldings, 6],
  [functions.readInputs, 6],
  [functions.writeCoil, 6],
  [functions.writeRegister, 6],
  [functions.reportServer, 2],
  [functions.maskRegister, 8],
  [functions.encapsulated, 5],
]);
const COUNT_AT = 6; // where a request to write several says how many bytes of data follow

/** Measures requests to any unit: the far end's part. */
export const measureRequests: Measure = (begin) => {
  const code = begin[1];
  if (code === undefined) return undefined;
  if (code !== functions.writeCoils && code !== functions.writeRegisters) return REQUEST_BYTES.get(code) ?? 0;
  const count = begin[COUNT_AT];
  return count === undefined ? undefined : COUNT_AT + 1 + count;
};
