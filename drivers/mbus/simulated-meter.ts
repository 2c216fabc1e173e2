import type { SimulatedDevice, SimulatedPoint } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { conversion } from '../../src/model/ucum.ts';
import { numberOf } from '../../src/model/decimal.ts';
import { simulatedValue, type SimulatedValue } from '../modbus/simulated-values.ts';
import { encodeDataInformation } from './data-information.ts';
import { VARIABLE } from './data.ts';
import { encodeName, type EncodedMeaning } from './encode.ts';
import { encodeDate, encodeInteger, encodeMoment, encodeText, storedAt } from './encode-data.ts';
import { CLOCK_DEVIATION, MANUFACTURER_DATA, STATUS } from './known-names.ts';
import type { DeviceSettings, NamedRecord, PointAddress } from './schema.ts';
import { encodeSecondary, isComplete, manufacturerCode, type Identification } from './secondary-address.ts';
import { Station, type Saying } from './station.ts';

type Device = SimulatedDevice<DeviceSettings, PointAddress>;

/** A record as it is now, at so many seconds since 1970. */
type Speaking = (seconds: number) => Buffer;

const LONG_HEADER = 0x72;
const MORE_FOLLOWS = 0x1f;
// What is left of a frame's 255 bytes for records and the mark that more follows.
const MOST_BYTES = 255 - 3 - 12 - 1;

/** A meter that sends the points of a device, in as many telegrams as they need. Throws `usage` for what it cannot. */
export function simulatedMeter(played: Device, index: number, now: () => number): Station {
  const { address } = played.device.settings;
  const identification = identificationOf(played, index);
  const records = played.device.points.flatMap(({ number, id, address: { record } }) => {
    const point = played.points.get(number);
    return point === undefined || OWN.includes(record.name) ? [] : [recordOf(id, record, point)];
  });
  let access = 0;
  const telegrams = (): readonly Saying[] => {
    const parts = inTelegrams(records.map((record) => record(now())));
    return parts.map((part, at) => {
      access = (access + 1) & 0xff;
      const more = at < parts.length - 1 ? Buffer.of(MORE_FOLLOWS) : Buffer.alloc(0);
      return { information: LONG_HEADER, data: Buffer.concat([headerOf(identification, access), part, more]) };
    });
  };
  return new Station({ address: typeof address === 'number' ? address : undefined, identification, telegrams });
}

/** What follows from the header. */
const OWN = [STATUS, CLOCK_DEVIATION, MANUFACTURER_DATA];

const HEAT = 0x04;
const FIRST_ID = 10_000_000;

function identificationOf({ device, identity }: Device, index: number): Identification {
  const { address } = device.settings;
  if (typeof address !== 'number' && isComplete(address)) return address;
  const id = typeof address === 'number' ? String(FIRST_ID + index) : address.id.replaceAll('F', '0');
  const letters = (identity?.vendor ?? '')
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, 3);
  return { id, manufacturer: manufacturerCode(letters) ?? manufacturerCode('WEI') ?? 0, version: 1, medium: HEAT };
}

function headerOf(who: Identification, access: number): Buffer {
  return Buffer.concat([encodeSecondary(who), Buffer.of(access, 0, 0, 0)]);
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

function recordOf(id: string, record: NamedRecord, point: SimulatedPoint): Speaking {
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
      return () => block(VARIABLE, encodeText(id));
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
