import { isoTime } from '../../src/model/clock.ts';
import type { Reason, Value } from '../../src/model/reading.ts';
import { instantOf } from '../meter/time.ts';
import { CLOCK_DEVIATION, MANUFACTURER_DATA, STATUS } from './known-names.ts';
import type { Content } from './quantity-tables.ts';
import { printRecord, type RecordKey, type RecordPlace } from './record-name.ts';
import { momentOf, type RecordTime } from './record-time.ts';
import type { DataRecord } from './records.ts';
import { doubtIn } from './status.ts';
import type { Telegram } from './telegram.ts';

/** A value among all that a meter told, under its name. */
export type GatheredRecord = {
  readonly key: RecordKey;
  readonly content: Content;
  readonly unit: string | undefined;
  readonly value: Value | null;
  readonly reason?: Reason | undefined;
  /** Why the value is doubtful, where it is. */
  readonly doubt?: Reason | undefined;
  /** When the value was so, by the meter's clock: milliseconds since 1970, where it says. */
  readonly sourceTime: number | null;
};

/** All that a meter told in one conversation, by the names of the records. */
export type Gathered = ReadonlyMap<string, GatheredRecord>;

const NOW = { function: 'instantaneous', storage: 0, tariff: 0, subunit: 0 } as const;

/** What a meter told. `zone` is that of its clock, `now` the wall clock when it told it. */
export function gather(telegrams: readonly Telegram[], zone: string, now: number): Gathered {
  const records = telegrams.flatMap((telegram) => telegram.records);
  const times = timesIn(records, zone);
  const found = new Map<string, GatheredRecord>();
  const add = (place: RecordPlace, record: Omit<GatheredRecord, 'key'>): void => {
    const named = freeName(place, found);
    found.set(printRecord(named), { ...record, key: named });
  };
  for (const { header, records: own } of telegrams) {
    for (const { place, content, unit, value, reason, time } of own) {
      if (value === null && reason === undefined) continue; // a record that bears no data
      add(place, {
        content,
        unit,
        value: time === undefined ? value : shownTime(time, value, zone),
        reason,
        // Of what it stored long ago, and of what is no measurement, its state now says nothing.
        ...(content === 'number' && place.storage === 0 && { doubt: doubtIn(header.status) }),
        sourceTime: timeOf(place, times),
      });
    }
  }
  addOwn(telegrams, times.get(0), now, add);
  return found;
}

function freeName(place: RecordPlace, taken: Gathered): RecordKey {
  let key: RecordKey = { ...place, occurrence: 1 };
  while (taken.has(printRecord(key))) key = { ...key, occurrence: key.occurrence + 1 };
  return key;
}

const DATES = ['date-time', 'date'];

/** By storage number, when its values were stored; of storage 0 what the meter's clock says. */
function timesIn(records: readonly DataRecord[], zone: string): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const { place, time } of records) {
    if (time === undefined || !isDateOfAll(place) || times.has(place.storage)) continue;
    const instant = place.storage > 0 || isClock(time) ? instantIn(time, zone) : undefined;
    if (instant !== undefined) times.set(place.storage, instant);
  }
  return times;
}

function isDateOfAll({ name, function: which, tariff, subunit }: RecordPlace): boolean {
  return DATES.includes(name) && which === 'instantaneous' && tariff === 0 && subunit === 0;
}

/** A clock shows more than a date. */
function isClock({ hasDate, hasTime }: RecordTime): boolean {
  return hasDate && hasTime;
}

function instantIn(time: RecordTime, zone: string): number | undefined {
  const moment = momentOf(time);
  return moment === undefined ? undefined : instantOf(moment, zone);
}

function timeOf({ function: which, storage }: RecordPlace, times: ReadonlyMap<number, number>): number | null {
  return which === 'instantaneous' ? (times.get(storage) ?? null) : null;
}

/** As the meter shows it, for what comes again; else as an instant where that is one. */
function shownTime(time: RecordTime, shown: Value | null, zone: string): Value | null {
  const instant = isClock(time) ? instantIn(time, zone) : undefined;
  return instant === undefined ? shown : isoTime(instant);
}

/** What is no record: the header's status, the manufacturer's bytes, and how far the clock is off. */
function addOwn(
  telegrams: readonly Telegram[],
  clock: number | undefined,
  now: number,
  add: (place: RecordPlace, record: Omit<GatheredRecord, 'key'>) => void,
): void {
  const sourceTime = clock ?? null;
  const own = (name: string, content: Content, value: Value, unit?: string): void =>
    add({ name, ...NOW }, { content, unit, value, sourceTime });
  const status = telegrams.map(({ header }) => header.status).find((each) => each !== undefined);
  if (status !== undefined) own(STATUS, 'bits', status);
  if (clock !== undefined) own(CLOCK_DEVIATION, 'number', Math.round((clock - now) / 1_000), 's');
  for (const { manufacturerData } of telegrams) {
    if (manufacturerData !== undefined) own(MANUFACTURER_DATA, 'bytes', manufacturerData.toString('hex'));
  }
}
