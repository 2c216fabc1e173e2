import { crcX25 } from '../meter/crc16.ts';
import { malformed } from './reader.ts';

// IEC 62056-46, 6.4: frame format type 3. Between two flags: format and length, destination, source, control, check of
// the header, information, check of the frame. There is no stuffing: a flag may stand anywhere in between.

export const FLAG = 0x7e;
const FORMAT_TYPE = 0b1010;
const CHECK_BYTES = 2;

/** Addresses as they stand on the line: one, two or four bytes, the last of which is odd. */
export type Frame = {
  readonly destination: Buffer;
  readonly source: Buffer;
  readonly control: number;
  /** More of the same information follows in the next frame. */
  readonly segmented: boolean;
  readonly information: Buffer;
};

/** Bytes between the flags of a frame that begins with these two; undefined where none does. */
export function announcedLength(format: Buffer): number | undefined {
  const word = format.readUInt16BE();
  return word >>> 12 === FORMAT_TYPE ? word & 0x7ff : undefined;
}

/** Where the control byte stands, counted from the format; undefined where the addresses are none, or not whole yet. */
function controlAt(body: Buffer): number | undefined {
  const destination = addressBytes(body, 2);
  const source = destination === undefined ? undefined : addressBytes(body, 2 + destination);
  return destination === undefined || source === undefined ? undefined : 2 + destination + source;
}

/** 6.4.2.2: the lowest bit marks the last byte of an address. */
function addressBytes(body: Buffer, start: number): number | undefined {
  const length = [1, 2, 3, 4].find((size) => ((body[start + size - 1] ?? 0) & 1) === 1);
  return length === 3 ? undefined : length;
}

const LONGEST_HEADER = 2 + 4 + 4 + 1 + CHECK_BYTES;

/**
 * Whether what stands after a flag can be a frame, as far as it has arrived: `checksum-error` where its header is
 * whole and its check sequence is not that of the header, `noise` where it is no header.
 */
export function judgeHeader(body: Buffer): 'whole' | 'unfinished' | 'checksum-error' | 'noise' {
  const length = announcedLength(body);
  if (length === undefined) return 'noise';
  const at = controlAt(body);
  if (at === undefined) return body.length >= LONGEST_HEADER ? 'noise' : 'unfinished';
  const end = at + 1;
  if (length < end + CHECK_BYTES) return 'noise';
  if (body.length < end + CHECK_BYTES) return 'unfinished';
  return body.readUInt16LE(end) === crcX25(body.subarray(0, end)) ? 'whole' : 'checksum-error';
}

/** A frame without its flags. Throws `answer-malformed`. */
export function decodeFrame(body: Buffer): Frame {
  const at = body.length < 2 + CHECK_BYTES ? undefined : controlAt(body);
  if (at === undefined || announcedLength(body) !== body.length) throw malformed('no HDLC frame');
  const end = body.length - CHECK_BYTES;
  if (body.readUInt16LE(end) !== crcX25(body.subarray(0, end))) throw malformed('its check sequence is wrong');
  const destination = addressBytes(body, 2) ?? 0;
  // Without information there is only one check sequence.
  const informationAt = Math.min(at + 1 + CHECK_BYTES, end);
  return {
    destination: body.subarray(2, 2 + destination),
    source: body.subarray(2 + destination, at),
    control: body.readUInt8(at),
    segmented: (body.readUInt8(0) & 0x08) !== 0,
    information: body.subarray(informationAt, end),
  };
}

/** A frame with its flags. */
export function encodeFrame({ destination, source, control, segmented, information }: Frame): Buffer {
  const header = 2 + destination.length + source.length + 1;
  const checks = information.length === 0 ? CHECK_BYTES : 2 * CHECK_BYTES;
  const length = header + information.length + checks;
  const frame = Buffer.alloc(length + 2, FLAG);
  const body = frame.subarray(1, -1);
  body.writeUInt16BE((FORMAT_TYPE << 12) | (segmented ? 0x800 : 0) | length);
  destination.copy(body, 2);
  source.copy(body, 2 + destination.length);
  body.writeUInt8(control, header - 1);
  body.writeUInt16LE(crcX25(body.subarray(0, header)), header);
  if (information.length === 0) return frame;
  information.copy(body, header + CHECK_BYTES);
  body.writeUInt16LE(crcX25(body.subarray(0, -CHECK_BYTES)), length - CHECK_BYTES);
  return frame;
}

/** The address of a client: 6.4.2.3, always one byte. */
export function clientAddress(client: number): Buffer {
  return Buffer.of((client << 1) | 1);
}

/** The address of a server in 1, 2 or 4 bytes: the logical device above, the physical one below where there is room. */
export function serverAddress(logical: number, physical: number, bytes: 1 | 2 | 4): Buffer {
  if (bytes === 1) return Buffer.of((logical << 1) | 1);
  if (bytes === 2) return Buffer.of(logical << 1, (physical << 1) | 1);
  return Buffer.from([...septets(logical, 0), ...septets(physical, 1)]);
}

/** Fourteen bits in two bytes; the lowest bit of the second says whether the address ends there. */
function septets(value: number, last: 0 | 1): readonly number[] {
  return [(value >>> 7) << 1, ((value & 0x7f) << 1) | last];
}
