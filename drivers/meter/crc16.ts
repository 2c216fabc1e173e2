// Both are x^16 + x^12 + x^5 + 1, least significant bit first; X.25 (DIN EN 62056-46, HDLC) begins with ones and sends
// the complement, what is called Kermit begins with zeros and sends it as it is.

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x84_08 : crc >>> 1;
  return crc;
});

function remainder(bytes: Uint8Array, start: number, end: number, begin: number): number {
  let crc = begin;
  for (let index = start; index < end; index += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}

/** CRC-16/X.25 of the bytes from `start` up to `end`; its low byte is sent first. */
export function crcX25(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return remainder(bytes, start, end, 0xff_ff) ^ 0xff_ff;
}

/** CRC-16/Kermit of the bytes from `start` up to `end`; its low byte is sent first. */
export function crcKermit(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return remainder(bytes, start, end, 0);
}

const ARC = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa0_01 : crc >>> 1;
  return crc;
});

/** CRC-16/ARC (x^16 + x^15 + x^2 + 1) of the bytes from `start` up to `end`. */
export function crcArc(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let index = start; index < end; index += 1) {
    crc = (crc >>> 8) ^ (ARC[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}
