// Modbus frames as pure functions. MODBUS Messaging on TCP/IP 1.0b, 3.1.3: seven bytes before each PDU (transaction,
// protocol 0, length of what follows, unit). The library speaks RTU frames (unit, PDU, CRC) to its port.

const HEADER_BYTES = 6; // up to and including the length field
const LEAST_LENGTH = 3; // unit, function and one byte: an exception
const GREATEST_LENGTH = 254; // unit and a PDU of 253 bytes
const CRC_BYTES = 2;
const EXCEPTION_FLAG = 0x80;
const FIRST_TABLE_OF_REGISTERS = 3; // functions 1 and 2 read bits, 3 and 4 registers

/** What was asked, as far as its answer must agree with it; `bytes` counts the data bytes due. */
export type Query = {
  readonly transaction: number;
  readonly unit: number;
  readonly code: number;
  readonly bytes: number;
};

/** The query that an RTU request of the library stands for: functions 1 to 4, a start address and an amount. */
export function queryOf(request: Buffer, transaction: number): Query {
  const code = request.readUInt8(1);
  const amount = request.readUInt16BE(4);
  const bytes = code < FIRST_TABLE_OF_REGISTERS ? Math.ceil(amount / 8) : amount * 2;
  return { transaction, unit: request.readUInt8(0), code, bytes };
}

/** RTU request to TCP frame. */
export function toTcp(request: Buffer, transaction: number): Buffer {
  const length = request.length - CRC_BYTES;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(0, 2);
  frame.writeUInt16BE(length, 4);
  request.copy(frame, HEADER_BYTES, 0, length);
  return frame;
}

/** TCP frame to RTU answer, with the CRC that the library checks. */
export function toRtu(frame: Buffer): Buffer {
  const length = frame.length - HEADER_BYTES;
  const answer = Buffer.allocUnsafe(length + CRC_BYTES);
  frame.copy(answer, 0, HEADER_BYTES);
  answer.writeUInt16LE(crc16(answer, length), length);
  return answer;
}

/** The far end's part: the frame that answers a request frame with the PDU that `answer` gives; undefined for silence. */
export function replyTo(
  request: Buffer,
  answer: (unit: number, pdu: Buffer) => Buffer | undefined,
): Buffer | undefined {
  const unit = request.readUInt8(HEADER_BYTES);
  const pdu = answer(unit, request.subarray(HEADER_BYTES + 1));
  if (pdu === undefined) return undefined;
  const reply = Buffer.alloc(HEADER_BYTES + 1 + pdu.length);
  request.copy(reply, 0, 0, 2);
  reply.writeUInt16BE(1 + pdu.length, 4);
  reply.writeUInt8(unit, HEADER_BYTES);
  pdu.copy(reply, HEADER_BYTES + 1);
  return reply;
}

export function transactionOf(frame: Buffer): number {
  return frame.readUInt16BE(0);
}

/** Whether a whole frame that bears the query's transaction really is its answer; an exception is one. */
export function judge(frame: Buffer, query: Query): 'answer' | 'foreign' | 'malformed' {
  const length = frame.length - HEADER_BYTES;
  const code = frame.readUInt8(HEADER_BYTES + 1);
  const third = frame.readUInt8(HEADER_BYTES + 2);
  if (frame.readUInt8(HEADER_BYTES) !== query.unit) return 'foreign';
  if (code === (query.code | EXCEPTION_FLAG)) return length === LEAST_LENGTH && third > 0 ? 'answer' : 'malformed';
  if (code !== query.code) return 'foreign';
  return third === query.bytes && length === LEAST_LENGTH + query.bytes ? 'answer' : 'malformed';
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Cuts a stream into TCP frames, whatever its chunks. Holds at most one unfinished frame. */
export class FrameReader {
  #rest = NOTHING;

  /**
   * Hands each whole frame to `take`, while `take` asks for more.
   * Answers with a sentence when the stream is no Modbus: it must not be read any further.
   */
  push(chunk: Buffer, take: (frame: Buffer) => boolean): string | undefined {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const fault = headerFault(rest);
      if (fault !== undefined) return fault;
      const end = HEADER_BYTES + rest.readUInt16BE(4);
      if (rest.length < end) break;
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      if (!take(frame)) return undefined;
    }
    this.#rest = rest;
    return undefined;
  }
}

function headerFault(header: Buffer): string | undefined {
  const protocol = header.readUInt16BE(2);
  const length = header.readUInt16BE(4);
  if (protocol !== 0) return `protocol id ${protocol} instead of 0`;
  if (length < LEAST_LENGTH || length > GREATEST_LENGTH) {
    return `length ${length} instead of ${LEAST_LENGTH} to ${GREATEST_LENGTH}`;
  }
  return undefined;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** MODBUS over Serial Line 1.02, 6.2.2, over the first `length` bytes. */
function crc16(bytes: Buffer, length: number): number {
  let crc = 0xffff;
  for (let index = 0; index < length; index++) {
    crc = (crc >> 8) ^ (CRC_TABLE[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}

/** 16-bit transaction numbers of one session, over all of its connections. */
export class Transactions {
  #last: number;
  #issued = 0;

  /** Begins at random: an answer kept by a gateway for an earlier session must not fit by chance. */
  constructor(start = Math.floor(Math.random() * 2 ** 16)) {
    this.#last = start;
  }

  next(): number {
    this.#last = (this.#last + 1) & 0xffff;
    this.#issued += 1;
    return this.#last;
  }

  /** Whether this number was given out lately: the half of the circle behind us, the other half being ahead. */
  wasIssued(transaction: number): boolean {
    const age = (this.#last - transaction) & 0xffff;
    return age < Math.min(this.#issued, 2 ** 15);
  }
}
