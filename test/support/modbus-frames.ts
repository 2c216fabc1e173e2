// Frames as the standards describe them, by code that shares nothing with the driver's.

export type FramingName = 'tcp' | 'udp' | 'rtu' | 'ascii';

/** The bytes of one frame. */
export function frameBytes(
  framing: FramingName,
  { transaction = 0, unit, pdu }: { readonly transaction?: number; readonly unit: number; readonly pdu: Buffer },
): Buffer {
  const body = Buffer.concat([Buffer.of(unit), pdu]);
  if (framing === 'rtu') return Buffer.concat([body, crc(body)]);
  if (framing === 'ascii') {
    const sum = body.reduce((total, byte) => total + byte, 0);
    const hex = Buffer.concat([body, Buffer.of((256 - (sum % 256)) % 256)]).toString('hex');
    return Buffer.from(`:${hex.toUpperCase()}\r\n`);
  }
  return Buffer.concat([Buffer.of(transaction >> 8, transaction & 255, 0, 0, 0, body.length), body]);
}

/** Bit by bit, low byte first. */
function crc(bytes: Buffer): Buffer {
  let register = 0xffff;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = register & 1;
      register >>= 1;
      if (carry === 1) register ^= 0xa001;
    }
  }
  return Buffer.of(register & 255, register >> 8);
}
