import type { SimulatedDevice, SimulatedPoint } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { conversion } from '../../src/model/ucum.ts';
import { numberOf } from '../../src/model/decimal.ts';
import { simulatedValue, type SimulatedValue } from '../meter/simulated-values.ts';
import { encodeDataInformation } from './data-information.ts';
import { VARIABLE } from './data.ts';
import { encrypt, mode5Configuration, type Sender } from './encryption.ts';
import { encodeName, type EncodedMeaning } from './encode.ts';
import { encodeDate, encodeInteger, encodeMoment, encodeText, storedAt } from './encode-data.ts';
import { CLOCK_DEVIATION, MANUFACTURER_DATA, STATUS } from './known-names.ts';
import type { DeviceSettings, NamedRecord, PointAddress } from './schema.ts';
import {
  encodeSecondary,
  IDENTIFICATION_BYTES,
  isComplete,
  manufacturerCode,
  type Identification,
} from './secondary-address.ts';
import { Station, type Saying } from './station.ts';

type Device = SimulatedDevice<DeviceSettings, PointAddress>;

/** A record as it is now, at so many seconds since 1970. */
type Speaking = (seconds: number) => Buffer;

const LONG_HEADER = 0x72;
const MORE_FOLLOWS = 0x1f;
const HEADER_BYTES = 12;
// A frame has 255 bytes: without what comes before, fifteen blocks, in which there are two fillers at least and the mark
// that more follows.
const MOST_BYTES = 15 * 16 - 2 - 1;

export type SimulatedMeterSettings = {
  /** It encrypts by this one, where it has one. */
  readonly key: Buffer | undefined;
  /** Seconds since 1970. */
  readonly now: () => number;
};

/** A meter that sends the points of a device, in as many telegrams as they need. Throws `usage` for what it cannot. */
export function simulatedMeter(played: Device, { key, now }: SimulatedMeterSettings): Station {
  const { address } = played.device.settings;
  const identification = identificationOf(played);
  const records = played.device.points.flatMap(({ number, id, address: { record } }) => {
    const point = played.points.get(number);
    if (point === undefined || OWN.includes(record.name)) return [];
    return [recordOf(id, record, { ...point, text: identification.id })];
  });
  let access = 0;
  const telegrams = (): readonly Saying[] => {
    const parts = inTelegrams(records.map((record) => record(now())));
    return parts.map((part, at) => {
      access = (access + 1) & 0xff;
      const more = at < parts.length - 1 ? Buffer.of(MORE_FOLLOWS) : Buffer.alloc(0);
      return saying({ identification, access }, Buffer.concat([part, more]), key);
    });
  };
  return new Station({ address: typeof address === 'number' ? address : undefined, identification, telegrams });
}

function saying(sender: Sender, records: Buffer, key: Buffer | undefined): Saying {
  const data = key === undefined ? records : encrypt(records, key, sender);
  const header = Buffer.alloc(HEADER_BYTES);
  encodeSecondary(sender.identification).copy(header);
  header.writeUInt8(sender.access, IDENTIFICATION_BYTES);
  if (key !== undefined) header.writeUInt16LE(mode5Configuration(data), HEADER_BYTES - 2);
  return { information: LONG_HEADER, data: Buffer.concat([header, data]) };
}

/** What follows from the header. */
const OWN = [STATUS, CLOCK_DEVIATION, MANUFACTURER_DATA];

const HEAT = 0x04;
const FIRST_ID = 10_000_000;

function identificationOf({ device, identity }: Device): Identification {
  const { address } = device.settings;
  if (typeof address !== 'number' && isComplete(address)) return address;
  const id = typeof address === 'number' ? String(FIRST_ID + address) : address.id.replaceAll('F', '0');
  const letters = (identity?.vendor ?? '')
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, 3);
  return { id, manufacturer: manufacturerCode(letters) ?? manufacturerCode('WEI') ?? 0, version: 1, medium: HEAT };
}

function inTelegrams(records: readonly Buffer[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (const record of records) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + record.length <= MOST_BYTES)
      parts.splice(-1, 1, Buffer.concat([last, record]));
    else parts.push(record);
  }
  return parts.length === 0 ? [Buffer.alloc(0)] : parts;
}

const INTEGER_2 = 0x02;
const INTEGER_4 = 0x04;
const INTEGER_8 = 0x07;
const BYTES = { [INTEGER_4]: 4, [INTEGER_8]: 8 } as const;

/** `text`: what a record says that holds no number. */
type Played = SimulatedPoint & { readonly text: string };

function recordOf(id: string, record: NamedRecord, point: Played): Speaking {
  const encoded = encodeName(record.name);
  if (encoded === undefined) throw new GatewayError('usage', `${id}: a record "${record.text}" cannot be played`);
  const block = (field: number, data: Buffer): Buffer =>
    Buffer.concat([encodeDataInformation({ ...record, field }), encoded.bytes, data]);
  const at = (seconds: number): number => storedAt(seconds, record.storage);
  switch (encoded.meaning.content) {
    case 'time':
      return record.name.startsWith('date ') || record.name === 'date'
        ? (seconds) => block(INTEGER_2, encodeDate(at(seconds)))
        : (seconds) => block(INTEGER_4, encodeMoment(at(seconds)));
    case 'text':
    case 'bytes':
      return () => block(VARIABLE, encodeText(point.text));
    case 'bits':
    case 'number': {
      const field = point.kind === 'counter' ? INTEGER_8 : INTEGER_4;
      const raw = rawValue(id, point, encoded);
      return (seconds) => block(field, encodeInteger(raw(at(seconds)), BYTES[field]));
    }
  }
}

/** The point's values as the whole numbers that the record carries. */
function rawValue(id: string, point: SimulatedPoint, { meaning }: EncodedMeaning): (seconds: number) => number {
  const value: SimulatedValue = simulatedValue(id, point);
  const { unit, exponent, multiplier } = meaning;
  const factor = point.unit === undefined || unit === undefined ? undefined : conversion(point.unit, unit);
  const perUnit = Number(factor === undefined ? 1 : numberOf(factor)) / multiplier;
  return (seconds) => Math.round((value(seconds) * perUnit) / 10 ** exponent);
}
