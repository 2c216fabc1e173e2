import type { Reason, Value } from '../../src/model/reading.ts';
import { readDataInformation } from './data-information.ts';
import { measureData, readData } from './data.ts';
import type { RecordTime } from './record-time.ts';
import type { Content } from './quantity-tables.ts';
import type { RecordPlace } from './record-name.ts';
import { hexByte } from './qualifiers.ts';
import { readValueInformation } from './value-information.ts';

/** One value that a meter sent. */
export type DataRecord = {
  readonly place: RecordPlace;
  readonly content: Content;
  /** UCUM, of `value`. */
  readonly unit: string | undefined;
  /** Null where there is none: `reason` says why, and is undefined for a record that bears no data. */
  readonly value: Value | null;
  readonly reason?: Reason | undefined;
  /** What `value` says, where that is a time. */
  readonly time?: RecordTime;
};

export type DataRecords = {
  readonly records: readonly DataRecord[];
  /** What the manufacturer added in a form of its own; undefined where it did not. */
  readonly manufacturerData: Buffer | undefined;
  /** Another telegram goes on where this one ends. */
  readonly moreFollows: boolean;
};

// EN 13757-3, 6.3.4: data fields that are none.
const MANUFACTURER_DATA = 0x0f;
const MORE_FOLLOWS = 0x1f;
const FILLER = 0x2f;
const SPECIAL = 0x0f; // the low bits of all of them

/** The records of a variable data structure, or what is wrong with it: one that breaks off proves nothing of the rest. */
export function readRecords(bytes: Buffer): DataRecords | string {
  const records: DataRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const dif = bytes[at] ?? 0;
    if (dif === FILLER) {
      at += 1;
      continue;
    }
    if (dif === MANUFACTURER_DATA || dif === MORE_FOLLOWS) {
      const rest = bytes.subarray(at + 1);
      const manufacturerData = rest.length > 0 ? rest : undefined;
      return { records, manufacturerData, moreFollows: dif === MORE_FOLLOWS };
    }
    if ((dif & SPECIAL) === SPECIAL)
      return `record ${records.length + 1} begins with ${hexByte(dif)}, which is reserved`;
    const found = readRecord(bytes, at);
    if (typeof found === 'string') return `record ${records.length + 1}: ${found}`;
    records.push(found.record);
    at = found.end;
  }
  return { records, manufacturerData: undefined, moreFollows: false };
}

function readRecord(bytes: Buffer, start: number): { readonly record: DataRecord; readonly end: number } | string {
  const dib = readDataInformation(bytes, start);
  if (typeof dib === 'string') return dib;
  const { field, ...which } = dib.information;
  const vib = readValueInformation(bytes, dib.end);
  if (typeof vib === 'string') return vib;
  const { meaning, fault } = vib;
  const extent = measureData(bytes, vib.end, field);
  if (typeof extent === 'string') return extent;
  const datum = fault === undefined ? readData(bytes, extent, meaning) : ({ value: null, reason: fault } as const);
  return {
    record: { place: { name: meaning.name, ...which }, content: meaning.content, unit: meaning.unit, ...datum },
    end: extent.end,
  };
}
