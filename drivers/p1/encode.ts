import { crcArc } from '../meter/crc16.ts';

/** A telegram as a meter sends it; DSMR 2.2 and 3 have no checksum. */
export function encodeTelegram(identification: string, lines: readonly string[], checked = true): Buffer {
  const text = [`/${identification}`, '', ...lines, '!'].join('\r\n');
  const crc = crcArc(Buffer.from(text, 'latin1'));
  return Buffer.from(`${text}${checked ? crc.toString(16).toUpperCase().padStart(4, '0') : ''}\r\n`, 'latin1');
}
