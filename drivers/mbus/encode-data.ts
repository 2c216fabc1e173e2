import { isoTime, parseTime } from '../../src/model/clock.ts';

/** A signed integer, the lowest byte first. */
export function encodeInteger(value: number, bytes: number): Buffer {
  const wide = Buffer.alloc(8);
  wide.writeBigInt64LE(BigInt(value));
  return wide.subarray(0, bytes);
}

/** Text with its length, the last character first. */
export function encodeText(text: string): Buffer {
  const letters = Buffer.from(text, 'latin1').reverse();
  return Buffer.concat([Buffer.of(letters.length), letters]);
}

const TWENTIETH_HUNDRED = 0x20; // of years since 1900: one

/** EN 13757-3, Annex A, type F, of seconds since 1970 in UTC. */
export function encodeMoment(seconds: number): Buffer {
  const [, , , hour = 0, minute = 0] = partsOf(seconds);
  return Buffer.concat([Buffer.of(minute, hour | TWENTIETH_HUNDRED), encodeDate(seconds)]);
}

/** Type G: the year in two parts, beside day and month. */
export function encodeDate(seconds: number): Buffer {
  const [year = 0, month = 0, day = 0] = partsOf(seconds);
  const short = year % 100;
  return Buffer.of(day | ((short & 0x07) << 5), month | ((short & 0x78) << 1));
}

function partsOf(seconds: number): readonly number[] {
  return isoTime(Math.floor(seconds) * 1_000)
    .split(/[-T:.]/)
    .map(Number);
}

/** When a value was stored that a meter keeps at the end of each month, seconds since 1970; 0 is not stored but now. */
export function storedAt(seconds: number, storage: number): number {
  if (storage === 0) return seconds;
  const [year = 0, month = 0] = partsOf(seconds);
  const months = year * 12 + month - storage; // of the month that began then, counted from 0
  const begun = [Math.floor(months / 12), (months % 12) + 1].map((part) => String(part).padStart(2, '0')).join('-');
  return parseTime(`${begun}-01T00:00:00.000Z`) / 1_000;
}
