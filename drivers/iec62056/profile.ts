import { isoTime } from '../../src/model/clock.ts';
import type { DataSet } from '../meter/data-lines.ts';
import { doubtOf, type Doubt } from '../meter/profile-status.ts';
import { instantOf, parseTimeDigits, timeDigits } from '../meter/time.ts';

/** One row of a load profile. */
export type ProfileRow = {
  /** End of the period that it is about, milliseconds since 1970. */
  readonly time: number;
  /** What its status takes from its values. */
  readonly doubt: Doubt | undefined;
  /** Each as a data set of a readout would have it. */
  readonly sets: readonly DataSet[];
};

const MINUTE = 60_000;

// EDIS, P.01: time of the first row, status, minutes between two rows, how many values a row has, then the code and unit of
// each, then the rows.
const HEAD = 4;
const PER_VALUE = 2;
const MOST_VALUES = 32;

/** The rows of the blocks that a meter answers; what is no block is left out. */
export function parseProfile(sets: readonly DataSet[], zone: string): readonly ProfileRow[] {
  return sets
    .filter(({ address }) => /(?:^|:)(?:P|99)\.0?1/.test(address))
    .flatMap(({ values }) => rowsOf(values, zone));
}

function rowsOf(values: readonly string[], zone: string): readonly ProfileRow[] {
  const [stamp = '', status = '', minutes = '', count = ''] = values;
  const doubt = /^[0-9A-Fa-f]{1,8}$/.test(status) ? doubtOf(Number.parseInt(status, 16)) : undefined;
  const first = instantOfStamp(stamp, zone);
  const width = Number(count);
  const period = Number(minutes) * MINUTE;
  if (first === undefined || !Number.isInteger(width) || width < 1 || width > MOST_VALUES || !(period > 0)) return [];
  const columns = Array.from({ length: width }, (_, index) => ({
    address: values[HEAD + index * PER_VALUE] ?? '',
    unit: values[HEAD + index * PER_VALUE + 1] ?? '',
  }));
  const data = values.slice(HEAD + width * PER_VALUE);
  return Array.from({ length: Math.floor(data.length / width) }, (_, row) => ({
    time: first + row * period,
    doubt,
    sets: columns.map(({ address, unit }, index) => ({
      address,
      values: [`${data[row * width + index] ?? ''}*${unit}`],
    })),
  }));
}

// The digit in front: 0 is winter time, 1 is summer time, 2 is UTC.
const STAMP = /^([012])(\d{10}(?:\d\d)?)$/;

function instantOfStamp(stamp: string, zone: string): number | undefined {
  const [, season, digits = ''] = STAMP.exec(stamp) ?? [];
  const time = parseTimeDigits(digits);
  if (time === undefined) return undefined;
  if (season === '2') return instantOf(time, 'UTC');
  return instantOf({ ...time, summer: season === '1' }, zone);
}

/** How registers and profiles are read: at once, or so that the meter may pause in between. */
export type ReadCommand = 'R5' | 'R6';

// How many blocks a partial one has at most: with few each is over soon.
const BLOCKS_AT_ONCE = 8;

/** `P.01(…;…)`: what the meter has kept between two instants; in partial blocks the number of them goes along. */
export function profileRequest(from: number, to: number, zone: string, command: ReadCommand): string {
  const parts = command === 'R6' ? `;${BLOCKS_AT_ONCE}` : '';
  return `P.01(${stampOf(from, zone)};${stampOf(to, zone)}${parts})`;
}

function stampOf(instant: number, zone: string): string {
  const digits = timeDigits(instant, zone);
  return `${digits.endsWith('S') ? 1 : 0}${digits.slice(0, 10)}`;
}

/** The time of a row, for messages. */
export function shownSpan(from: number, to: number): string {
  return `${isoTime(from)} to ${isoTime(to)}`;
}
