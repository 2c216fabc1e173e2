import type { MeterTime } from '../meter/time.ts';

/** A moment by the meter's own clock, or a date that comes again: what is undefined means every. */
export type RecordTime = {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
  /** Undefined, all three, for a date alone. */
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
  /** The meter's clock is on summer time; undefined where it does not say. */
  readonly isSummer: boolean | undefined;
  readonly hasDate: boolean;
  readonly hasTime: boolean;
};

type Field = { readonly least: number; readonly greatest: number; readonly every: number };

// EN 13757-3, Annex A: what a field can be, and its value that means "every".
const YEAR: Field = { least: 0, greatest: 99, every: 127 };
const MONTH: Field = { least: 1, greatest: 12, every: 15 };
const DAY: Field = { least: 1, greatest: 31, every: 0 };
const HOUR: Field = { least: 0, greatest: 23, every: 31 };
const MINUTE: Field = { least: 0, greatest: 59, every: 63 };
const SECOND: Field = MINUTE;

const NO_DATE = { year: undefined, month: undefined, day: undefined, hasDate: false } as const;
const NO_TIME = { hour: undefined, minute: undefined, second: undefined, isSummer: undefined, hasTime: false } as const;

const INVALID = 0x80;

/** The time of data type F, G, I or J, which their length tells apart; undefined where the meter has none to tell. */
export function readTime(bytes: Buffer): RecordTime | undefined {
  switch (bytes.length) {
    case 2:
      return typeG(bytes.readUInt16LE(0));
    case 3:
      return typeJ(bytes);
    case 4:
      return typeF(bytes);
    case 6:
      return typeI(bytes);
    default:
      return undefined;
  }
}

/** A date: day, month, and the year in two parts. */
function dateOf(bits: number): Omit<RecordTime, keyof typeof NO_TIME> | undefined {
  const year = valueOf(YEAR, ((bits >> 5) & 0x07) | ((bits >> 9) & 0x78));
  const month = valueOf(MONTH, (bits >> 8) & 0x0f);
  const day = valueOf(DAY, bits & 0x1f);
  if (year === null || month === null || day === null) return undefined;
  const full = year === undefined ? undefined : centuryOf(year);
  return isInMonth(full, month, day) ? { year: full, month, day, hasDate: true } : undefined;
}

function typeG(bits: number): RecordTime | undefined {
  const date = bits === 0xff_ff ? undefined : dateOf(bits);
  return date === undefined ? undefined : { ...date, ...NO_TIME };
}

/** A time of day alone. */
function typeJ(bytes: Buffer): RecordTime | undefined {
  const [second = 0, minute = 0, hour = 0] = bytes;
  const time = timeOf(hour & 0x1f, minute & 0x3f, second & 0x3f);
  return time === undefined ? undefined : { ...NO_DATE, ...time, isSummer: undefined };
}

function typeF(bytes: Buffer): RecordTime | undefined {
  const minute = bytes.readUInt8(0);
  const hour = bytes.readUInt8(1);
  if ((minute & INVALID) !== 0) return undefined;
  const date = dateOf(bytes.readUInt16LE(2));
  const time = timeOf(hour & 0x1f, minute & 0x3f, 0);
  if (date === undefined || time === undefined) return undefined;
  const { year } = date;
  const hundreds = (hour >> 5) & 0x03; // of years since 1900; old meters leave them out
  const full = year === undefined || hundreds === 0 ? year : 1_900 + 100 * hundreds + (year % 100);
  return { ...date, ...time, year: full, isSummer: (hour & 0x80) !== 0 };
}

/** The same with seconds; what else it has, the weekday, the week and how much summer time is, follows from the rest. */
function typeI(bytes: Buffer): RecordTime | undefined {
  const [second = 0, minute = 0, hour = 0] = bytes;
  if ((minute & INVALID) !== 0) return undefined;
  const date = dateOf(bytes.readUInt16LE(3));
  const time = timeOf(hour & 0x1f, minute & 0x3f, second & 0x3f);
  if (date === undefined || time === undefined) return undefined;
  return { ...date, ...time, isSummer: (second & 0x40) !== 0 };
}

function timeOf(
  hours: number,
  minutes: number,
  seconds: number,
): Pick<RecordTime, 'hour' | 'minute' | 'second' | 'hasTime'> | undefined {
  const [hour, minute, second] = [valueOf(HOUR, hours), valueOf(MINUTE, minutes), valueOf(SECOND, seconds)];
  if (hour === null || minute === null || second === null) return undefined;
  return { hour, minute, second, hasTime: true };
}

/** `undefined` means every, `null` that there is no such value. */
function valueOf({ least, greatest, every }: Field, value: number): number | null | undefined {
  if (value === every) return undefined;
  return value >= least && value <= greatest ? value : null;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isInMonth(year: number | undefined, month: number | undefined, day: number | undefined): boolean {
  if (month === undefined || day === undefined) return true;
  const isShort = month === 2 && year !== undefined && year % 4 !== 0; // 2000 is a leap year, and 2100 beyond
  return day <= (isShort ? 28 : (DAYS[month - 1] ?? 0));
}

// EN 13757-3, Annex A: two digits up to 80 are of this century.
const LAST_OF_CENTURY = 80;

function centuryOf(year: number): number {
  return year <= LAST_OF_CENTURY ? 2_000 + year : 1_900 + year;
}

/** `2013-05-31T23:50:00` by the meter's clock, `2013-12-31`, `13:05:00`; `*` stands for every, as in `*-12-31`. */
export function showTime({ year, month, day, hour, minute, second, hasDate, hasTime }: RecordTime): string {
  const date = [year?.toString().padStart(4, '0') ?? '*', twoDigits(month), twoDigits(day)].join('-');
  const time = [hour, minute, second].map(twoDigits).join(':');
  return [...(hasDate ? [date] : []), ...(hasTime ? [time] : [])].join('T');
}

/**
 * The one moment that is meant; undefined where it comes again. A date alone is the beginning of its day, and that of the
 * last day of a month its end, for which bills are made.
 */
export function momentOf({
  year,
  month,
  day,
  hour,
  minute,
  second,
  isSummer,
  hasTime,
}: RecordTime): MeterTime | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (!hasTime) return { ...endOfMonth(year, month, day), ...MIDNIGHT };
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  return { year, month, day, hour, minute, second, summer: isSummer };
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, summer: undefined } as const;

function endOfMonth(year: number, month: number, day: number): Pick<MeterTime, 'year' | 'month' | 'day'> {
  if (isInMonth(year, month, day + 1)) return { year, month, day };
  return month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 };
}

function twoDigits(value: number | undefined): string {
  return value?.toString().padStart(2, '0') ?? '*';
}
