import { isoTime } from '../../src/model/clock.ts';
import { instantOf, type MeterTime } from '../meter/time.ts';

// IEC 62056-62, 4.5.1: date and time in twelve bytes. Each field may say that it is not specified.

/** A time that a meter told. */
export type CosemTime = {
  readonly shown: MeterTime;
  /** Hundredths of a second; undefined where they are not specified. */
  readonly hundredths: number | undefined;
  /** Minutes from the time that it shows to UTC, so -60 in Berlin in winter; undefined where it is not specified. */
  readonly deviation: number | undefined;
  /** The meter says of its clock that it cannot be relied on. */
  readonly doubtful: boolean;
};

export const DATE_TIME_BYTES = 12;
const UNSPECIFIED = 0xff;
const NO_DEVIATION = -0x8000;
const STATUS = { invalid: 0x01, doubtful: 0x02, invalidStatus: 0x08, summer: 0x80 } as const;

/** The time of twelve bytes; undefined where they are none, or the meter says that its clock is wrong. */
export function parseCosemTime(bytes: Buffer): CosemTime | undefined {
  if (bytes.length !== DATE_TIME_BYTES) return undefined;
  const status = statusOf(bytes.readUInt8(11));
  const shown = shownIn(bytes, status);
  if (shown === undefined || (status & STATUS.invalid) !== 0) return undefined;
  const deviation = bytes.readInt16BE(9);
  const hundredths = bytes.readUInt8(8);
  return {
    shown,
    hundredths: hundredths > 99 ? undefined : hundredths,
    deviation: deviation === NO_DEVIATION ? undefined : deviation,
    doubtful: (status & STATUS.doubtful) !== 0,
  };
}

/** The bits of the clock's status; none where it is not specified, or invalid itself. */
function statusOf(byte: number): number {
  return byte === UNSPECIFIED || (byte & STATUS.invalidStatus) !== 0 ? 0 : byte;
}

const NO_YEAR = 0xffff;

function shownIn(bytes: Buffer, status: number): MeterTime | undefined {
  const year = bytes.readUInt16BE(0);
  const fields = {
    month: bytes.readUInt8(2),
    day: bytes.readUInt8(3),
    hour: bytes.readUInt8(5),
    minute: bytes.readUInt8(6),
  };
  const { month, day, hour, minute } = fields;
  if (year === NO_YEAR || month > 12 || day > 31 || hour > 23 || minute > 59) return undefined;
  const second = bytes.readUInt8(7);
  return {
    year,
    ...fields,
    // Left open in the stamps of some load profiles.
    second: second === UNSPECIFIED ? 0 : second,
    // A cleared bit says nothing: many meters never set it.
    summer: (status & STATUS.summer) === 0 ? undefined : true,
  };
}

/** How a meter's deviation is to be understood; see the schema. */
export const clocks = ['zone', 'deviation', 'reversed'] as const;
export type Clock = { readonly reading: (typeof clocks)[number]; readonly zone: string };

const MINUTE = 60_000;

/** Milliseconds since 1970 UTC; undefined where the day does not exist. */
export function instantOfCosem(
  { shown, hundredths = 0, deviation }: CosemTime,
  { reading, zone }: Clock,
): number | undefined {
  const hasDeviation = reading !== 'zone' && deviation !== undefined;
  const instant = instantOf(shown, hasDeviation ? 'UTC' : zone);
  if (instant === undefined) return undefined;
  const sign = reading === 'reversed' ? -1 : 1;
  return instant + (hasDeviation ? sign * deviation * MINUTE : 0) + hundredths * 10;
}

/** How a meter writes its times, for requests that name one. */
export type TimeStyle = {
  /** Milliseconds by which what it shows is ahead of UTC. */
  readonly offset: number;
  readonly deviation: number | undefined;
};

/** Twelve bytes for an instant, as the meter itself would write it. */
export function encodeCosemTime(instant: number, { offset, deviation }: TimeStyle): Buffer {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0] = isoTime(instant + offset)
    .split(/[-T:.Z]/)
    .map(Number);
  const bytes = Buffer.alloc(DATE_TIME_BYTES);
  bytes.writeUInt16BE(year);
  const weekday = UNSPECIFIED;
  Buffer.of(month, day, weekday, hour, minute, second, Math.floor(milliseconds / 10)).copy(bytes, 2);
  bytes.writeInt16BE(deviation ?? NO_DEVIATION, 9);
  return bytes;
}

/** The time as a person reads it: `2021-09-22T17:35:30`, with what it is ahead of UTC where the meter says that. */
export function showCosemTime({ shown, deviation }: CosemTime): string {
  const { year, month, day, hour, minute, second } = shown;
  const local = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  if (deviation === undefined) return local;
  const ahead = Math.abs(deviation);
  return `${local}${deviation > 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
