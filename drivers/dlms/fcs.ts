// IEC 62056-46 annex A (ISO/IEC 13239): CRC-16/X-25, reflected, sent low byte first.

const POLYNOMIAL = 0x8408;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** The check sequence of `bytes`, as a number whose low byte is sent first. */
export function frameCheck(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return crc ^ 0xffff;
}
