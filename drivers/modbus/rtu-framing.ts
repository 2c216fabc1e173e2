import type { Found, Framing, Message } from './framing.ts';
import { LONGEST_PDU } from './pdu.ts';
import type { Measure } from './pdu.ts';

// MODBUS over Serial Line 1.02, 2.5.1: unit, PDU, and a CRC with its low byte first. The standard tells frames apart by
// silences of 3.5 characters. No driver or adapter keeps those, so a frame is what has the length of one that may come,
// and the right CRC; what is before, between or after such frames is noise.

const CRC_BYTES = 2;
const LEAST_BYTES = 4; // unit, function and CRC
const MOST_BYTES = 1 + LONGEST_PDU + CRC_BYTES;

export const rtuFraming: Framing = {
  numbered: false,
  frameBytes: (pduBytes) => 1 + pduBytes + CRC_BYTES,
  encode: ({ unit, pdu }) => {
    const frame = Buffer.allocUnsafe(1 + pdu.length + CRC_BYTES);
    frame.writeUInt8(unit, 0);
    pdu.copy(frame, 1);
    frame.writeUInt16LE(crc16(frame, 0, 1 + pdu.length), 1 + pdu.length);
    return frame;
  },
  cut: (bytes, measure) => {
    const found: Found[] = [];
    let read = 0; // everything before has been told
    let isDamaged = false;
    const skipTo = (end: number): void => {
      const kind = isDamaged ? 'checksum-error' : 'noise';
      if (end > read) found.push({ kind, bytes: bytes.subarray(read, end) });
      read = end;
      isDamaged = false;
    };
    let at = 0;
    while (at < bytes.length) {
      const size = frameSize(bytes.subarray(at), measure);
      // What may still become a frame is waited for: inside of it nothing else is looked for.
      if (size === undefined) break;
      const isWhole = size > 0 && crc16(bytes, at, at + size) === 0;
      if (size > 0 && !isWhole) isDamaged = true;
      if (!isWhole) {
        at += 1;
        continue;
      }
      skipTo(at);
      at += size;
      found.push(frameOf(bytes.subarray(read, at)));
      read = at;
    }
    skipTo(at);
    return { found, rest: bytes.subarray(at) };
  },
  recognise: (noise) => {
    let crc = CRC_START;
    for (let end = 1; end <= Math.min(noise.length, MOST_BYTES); end++) {
      crc = crcStep(crc, noise[end - 1] ?? 0);
      if (crc === 0 && end >= LEAST_BYTES) return frameOf(noise.subarray(0, end));
    }
    return undefined;
  },
};

/** Bytes of the frame that begins here; undefined until all of it is there, 0 where none begins. */
function frameSize(begin: Buffer, measure: Measure): number | undefined {
  const size = measure(begin);
  if (size === undefined) return begin.length >= MOST_BYTES ? 0 : undefined;
  if (size === 0 || size + CRC_BYTES > MOST_BYTES) return 0;
  return size + CRC_BYTES > begin.length ? undefined : size + CRC_BYTES;
}

function frameOf(bytes: Buffer): Found & Message {
  const end = bytes.length - CRC_BYTES;
  return { kind: 'frame', bytes, transaction: 0, unit: bytes.readUInt8(0), pdu: bytes.subarray(1, end) };
}

const CRC_START = 0xffff;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

function crcStep(crc: number, byte: number): number {
  return (crc >> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
}

/** 6.2.2, over the bytes from `start` up to and without `end`; 0 over a whole frame with its right CRC. */
function crc16(bytes: Buffer, start: number, end: number): number {
  let crc = CRC_START;
  for (let index = start; index < end; index++) crc = crcStep(crc, bytes[index] ?? 0);
  return crc;
}
