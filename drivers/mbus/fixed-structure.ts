import type { DataRecord } from './records.ts';
import { readData } from './data.ts';
import { durationOf, type Meaning } from './quantity-tables.ts';

const BYTES = 16;

// Status bits of the fixed structure (EN 13757-3:2004, Annex on the fixed data structure).
const IS_BINARY = 0x01;
const IS_STORED = 0x02;
const OTHER_STATUS = 0xfc;

/** Nine units in a row, each ten times the one before. */
const DECADES = [
  [0x02, 'energy', 'kW.h', -3], // Wh to 100 MWh
  [0x0b, 'energy', 'GJ', -6], // kJ to 100 GJ
  [0x14, 'power', 'W', 0], // W to 100 MW
  [0x1d, 'power', 'MJ/h', -3], // kJ/h to 100 GJ/h
  [0x26, 'volume', 'm3', -6], // ml to 100 m3
  [0x2f, 'volume-flow', 'm3/h', -6], // ml/h to 100 m3/h
] as const;
const IN_A_ROW = 9;

const SAME_BUT_HISTORIC = 0x3e;
const TEMPERATURE = 0x38;
const HEAT_COST = 0x39;

function meaningOf(code: number): Meaning {
  const decade = DECADES.find(([first]) => code >= first && code < first + IN_A_ROW);
  if (decade !== undefined) {
    const [first, name, unit, exponent] = decade;
    return { name, unit, content: 'number', exponent: exponent + code - first, multiplier: 1 };
  }
  const plain = { content: 'number', exponent: 0, multiplier: 1 } as const;
  if (code === TEMPERATURE) return { ...plain, name: 'temperature', unit: 'Cel', exponent: -3 };
  if (code === HEAT_COST) return { ...plain, name: 'heat-cost-allocation', unit: '1' };
  // 0 and 1 are a time of day and a date in decimal digits.
  if (code < 2) return { ...durationOf(code === 0 ? 'clock' : 'calendar', 0), content: 'text' };
  return { ...plain, name: 'counter' };
}

/** A meter with two counters and no more; undefined where it is too short. */
export type FixedData = {
  readonly id: string;
  readonly access: number;
  readonly status: number;
  readonly medium: number;
  readonly records: readonly DataRecord[];
};

export function readFixedStructure(data: Buffer): FixedData | undefined {
  if (data.length !== BYTES) return undefined;
  const status = data.readUInt8(5);
  const [one = 0, other = 0] = data.subarray(6, 8);
  const own = one & 0x3f;
  const second = other & 0x3f;
  const isHistoric = second === SAME_BUT_HISTORIC;
  const stored = (status & IS_STORED) === 0 ? 0 : 1;
  const further = { meaning: meaningOf(isHistoric ? own : second), storage: isHistoric ? 1 : stored };
  return {
    id: Buffer.from(data.subarray(0, 4)).reverse().toString('hex').toUpperCase(),
    access: data.readUInt8(4),
    status: status & OTHER_STATUS,
    medium: (one >> 6) | ((other >> 6) << 2),
    records: [
      recordOf(data, 8, { meaning: meaningOf(own), storage: stored, status }),
      recordOf(data, 12, { ...further, status }),
    ],
  };
}

function recordOf(
  data: Buffer,
  start: number,
  { meaning, storage, status }: { readonly meaning: Meaning; readonly storage: number; readonly status: number },
): DataRecord {
  const coding = (status & IS_BINARY) === 0 ? 'bcd' : 'integer';
  const datum = readData(data, { coding, start, end: start + 4 }, meaning);
  const place = { name: meaning.name, function: 'instantaneous', storage, tariff: 0, subunit: 0 } as const;
  return { place, content: meaning.content, unit: meaning.content === 'text' ? undefined : meaning.unit, ...datum };
}
