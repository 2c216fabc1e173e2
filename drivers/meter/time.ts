import { isoTime, parseTime } from '../../src/model/clock.ts';

/** A time as a meter shows it: of its own clock, in its own zone. Months and days count from 1. */
export type MeterTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Whether the meter says that it shows summer time, or that it does not; undefined where it says nothing. */
  readonly summer: boolean | undefined;
};

const MINUTE = 60_000; // milliseconds
const HALF_YEAR = 182 * 24 * 60 * MINUTE;

/** The zone of this machine. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether the system knows a zone by this name, e.g. `Europe/Amsterdam`. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * Milliseconds since 1970 UTC of a meter's time in `zone`. Undefined for what is no time, such as the zeros that a meter
 * shows before its clock was set. Without a mark, the first of two equal times in the night when summer time ends.
 */
export function instantOf(time: MeterTime, zone: string): number | undefined {
  const shown = readAsUtc(time);
  if (shown === undefined) return undefined;
  if (time.summer !== undefined) return shown - markedOffset(shown, zone, time.summer);
  // The offset at the instant that is looked for lies among those of a day before and after.
  const day = 24 * 60 * MINUTE;
  const offsets = [offsetAt(shown - day, zone), offsetAt(shown + day, zone)];
  const candidates = offsets.map((offset) => shown - offset);
  return candidates.find((instant, index) => offsetAt(instant, zone) === offsets[index]) ?? candidates[0];
}

function readAsUtc({ year, month, day, hour, minute, second }: MeterTime): number | undefined {
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.000Z`;
  const instant = parseTime(text);
  // The 31st of February is turned into a day of March by some.
  return Number.isNaN(instant) || isoTime(instant) !== text ? undefined : instant;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** The offset that summer time, or the other time, has in a zone: a meter may still show it when its zone does not. */
function markedOffset(shown: number, zone: string, summer: boolean): number {
  const offsets = [offsetAt(shown, zone), offsetAt(shown - HALF_YEAR, zone), offsetAt(shown + HALF_YEAR, zone)];
  return summer ? Math.max(...offsets) : Math.min(...offsets);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which the clocks of a zone are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []; // `GMT` alone is UTC
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}

// YYMMDDhhmm, with seconds or without, and S or W behind: the form of DSMR P1, and of most meters of IEC 62056-21.
const DIGITS = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?([SW])?$/;

/** Reads `YYMMDDhhmm[ss][S|W]`; undefined for what is written otherwise. */
export function parseTimeDigits(text: string): MeterTime | undefined {
  const [, year, month, day, hour, minute, second = '0', mark] = DIGITS.exec(text) ?? [];
  if (year === undefined) return undefined;
  return {
    year: 2_000 + Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    summer: mark === undefined ? undefined : mark === 'S',
  };
}

/** `YYMMDDhhmmss` with `S` or `W` behind, as a clock in `zone` shows an instant. */
export function timeDigits(instant: number, zone: string): string {
  const offset = offsetAt(instant, zone);
  const digits = isoTime(Math.floor(instant) + offset)
    .replaceAll(/\D/g, '')
    .slice(2, 14);
  const isSummer = offset > Math.min(offsetAt(instant - HALF_YEAR, zone), offsetAt(instant + HALF_YEAR, zone));
  return `${digits}${isSummer ? 'S' : 'W'}`;
}
