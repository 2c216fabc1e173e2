import type { Found, Framing } from './framing.ts';
import { NOTHING } from './framing.ts';

// MODBUS over Serial Line 1.02, 2.5.2: a colon, then unit, PDU and LRC in hexadecimal digits, then CR LF.

const COLON = 0x3a;
const END = '\r\n';
const LEAST_BYTES = 3; // unit, function and LRC
const MOST_CHARACTERS = 513;

export const asciiFraming: Framing = {
  numbered: false,
  frameBytes: (pduBytes) => 1 + 2 * (1 + pduBytes + 1) + END.length,
  encode: ({ unit, pdu }) => {
    const body = Buffer.concat([Buffer.of(unit), pdu]);
    const digits = Buffer.concat([body, Buffer.of(lrc(body))]).toString('hex');
    return Buffer.from(`:${digits.toUpperCase()}${END}`, 'latin1');
  },
  cut: (bytes) => {
    const found: Found[] = [];
    let at = 0;
    const skipTo = (end: number): void => {
      if (end > at) found.push({ kind: 'noise', bytes: bytes.subarray(at, end) });
      at = end;
    };
    while (at < bytes.length) {
      skipTo(orEnd(bytes.indexOf(COLON, at), bytes));
      // Wherever a colon is, a frame begins, whatever was before.
      const next = orEnd(bytes.indexOf(COLON, at + 1), bytes);
      const end = bytes.subarray(at, next).indexOf(END);
      if (end >= 0) {
        const frame = bytes.subarray(at, at + end + END.length);
        found.push(read(frame));
        at += frame.length;
      } else if (next < bytes.length || next - at > MOST_CHARACTERS) skipTo(next);
      else break;
    }
    return { found, rest: at < bytes.length ? bytes.subarray(at) : NOTHING };
  },
  recognise: () => undefined,
};

function orEnd(index: number, bytes: Buffer): number {
  return index < 0 ? bytes.length : index;
}

/** What stands between a colon and the next CR LF. */
function read(frame: Buffer): Found {
  const digits = frame.toString('latin1', 1, frame.length - END.length);
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(digits) && frame.length <= MOST_CHARACTERS;
  const body = isHex ? Buffer.from(digits, 'hex') : NOTHING;
  if (body.length < LEAST_BYTES) return { kind: 'noise', bytes: frame };
  // The LRC makes the sum of all bytes 0.
  if (lrc(body) !== 0) return { kind: 'checksum-error', bytes: frame };
  return { kind: 'frame', bytes: frame, transaction: 0, unit: body.readUInt8(0), pdu: body.subarray(1, -1) };
}

/** 6.2.1: what makes the sum of all bytes 0 in eight bits. */
function lrc(bytes: Buffer): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}
