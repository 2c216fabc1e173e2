import type { Cut, Found, Framing, Message } from './framing.ts';
import { NOTHING } from './framing.ts';
import { LONGEST_PDU } from './pdu.ts';

// MODBUS Messaging on TCP/IP 1.0b, 3.1.3: before each PDU a transaction number, protocol 0, the length of what follows,
// and the unit.

const HEADER_BYTES = 6; // up to and including the length
const LEAST_LENGTH = 2; // unit and function
const GREATEST_LENGTH = 1 + LONGEST_PDU;

/** A stream of frames, over TCP or TLS. */
export const tcpFraming: Framing = {
  numbered: true,
  frameBytes: (pduBytes) => HEADER_BYTES + 1 + pduBytes,
  encode: ({ transaction, unit, pdu }) => {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + 1 + pdu.length);
    frame.writeUInt16BE(transaction, 0);
    frame.writeUInt16BE(0, 2);
    frame.writeUInt16BE(1 + pdu.length, 4);
    frame.writeUInt8(unit, HEADER_BYTES);
    pdu.copy(frame, HEADER_BYTES + 1);
    return frame;
  },
  cut: (bytes) => {
    const found: Found[] = [];
    let rest = bytes;
    while (rest.length >= HEADER_BYTES) {
      const fault = headerFault(rest);
      if (fault !== undefined) return { found: [...found, { kind: 'malformed', bytes: rest, fault }], rest: NOTHING };
      const end = HEADER_BYTES + rest.readUInt16BE(4);
      if (rest.length < end) break;
      const isLast = rest.length === end;
      found.push(frameOf(isLast ? rest : rest.subarray(0, end)));
      rest = isLast ? NOTHING : rest.subarray(end);
    }
    return { found, rest };
  },
  recognise: () => undefined,
};

/** One frame a datagram, over UDP: nothing is carried over to the next one. */
export const udpFraming: Framing = {
  ...tcpFraming,
  cut: (bytes): Cut => {
    const fault = bytes.length < HEADER_BYTES ? `${bytes.length} bytes` : (headerFault(bytes) ?? lengthFault(bytes));
    const found: Found = fault === undefined ? frameOf(bytes) : { kind: 'malformed', bytes, fault };
    return { found: [found], rest: NOTHING };
  },
};

function headerFault(header: Buffer): string | undefined {
  const protocol = header.readUInt16BE(2);
  const length = header.readUInt16BE(4);
  if (protocol !== 0) return `protocol id ${protocol} instead of 0`;
  if (length < LEAST_LENGTH || length > GREATEST_LENGTH) {
    return `length ${length} instead of ${LEAST_LENGTH} to ${GREATEST_LENGTH}`;
  }
  return undefined;
}

function lengthFault(datagram: Buffer): string | undefined {
  const length = datagram.readUInt16BE(4);
  const held = datagram.length - HEADER_BYTES;
  return length === held ? undefined : `length ${length} in a datagram that holds ${held} bytes`;
}

function frameOf(bytes: Buffer): Found & Message {
  return {
    kind: 'frame',
    bytes,
    transaction: bytes.readUInt16BE(0),
    unit: bytes.readUInt8(HEADER_BYTES),
    pdu: bytes.subarray(HEADER_BYTES + 1),
  };
}
