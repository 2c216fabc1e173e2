import { isoTime } from '../../src/model/clock.ts';
import { decimalWith } from '../../src/model/decimal.ts';
import { formatObis, parseObis, type Obis } from '../../src/model/obis.ts';
import { unitOfNumber } from '../meter/units.ts';
import type { MeterContent, MeterValue } from '../meter/value.ts';
import type { SmlEntry, SmlList, SmlTime, SmlValue } from './file.ts';

/** How meters differ from the standard, each by the name under which a configuration switches it on. */
export const deviations = {
  'kermit-checksum': 'Its checksums are CRC-16/Kermit instead of X.25: some Holley DTZ541.',
  'unsigned-power': 'It sends power as a signed number and means an unsigned one: some DZG DVS-7412 and 7420.',
} as const;

export type Deviation = keyof typeof deviations;

const STATUS = parseObis('0-0:96.5.0');
const POWER = parseObis('1-0:16.7.0');
// FNN, "Lastenheft Basiszähler": who made it, in F 1 of this code; the others tell of its hardware and software.
const FNN_MAKER = parseObis('1-0:96.50.1*1');

/** What the values of a list are, in the words of all meters. */
export function valuesOf(list: SmlList, deviates: ReadonlySet<Deviation>): readonly MeterValue[] {
  const values = list.entries.map((entry) => meterValue(entry, list, deviates));
  const status = list.entries.find((entry) => entry.status !== undefined)?.status;
  if (status === undefined || STATUS === undefined) return values;
  const content: MeterContent = { kind: 'text', text: `0x${status.toString(16).toUpperCase()}` };
  return [...values, { register: formatObis(STATUS), obis: STATUS, index: 0, content, time: instantIn(list.time) }];
}

function meterValue(entry: SmlEntry, list: SmlList, deviates: ReadonlySet<Deviation>): MeterValue {
  const { obis, time } = entry;
  return {
    register: formatObis(obis),
    obis,
    index: 0,
    ...(FNN_MAKER !== undefined && isSame(obis, FNN_MAKER) && { name: 'maker-code', quantity: 'maker-code' }),
    content: contentOf(entry, deviates),
    time: instantIn(time) ?? instantIn(list.time),
  };
}

function contentOf({ value, scaler, unit, obis }: SmlEntry, deviates: ReadonlySet<Deviation>): MeterContent {
  if (value === undefined) return { kind: 'none', reason: 'not-available' };
  if (value.kind === 'octets') return { kind: 'text', text: textOf(value.bytes) };
  if (value.kind === 'time') return { kind: 'text', text: timeText(value.time) };
  if (value.kind === 'boolean') return value;
  const mantissa = deviates.has('unsigned-power') && isPower(obis) ? unsigned(value) : value.value;
  return {
    kind: 'number',
    decimal: decimalWith(mantissa, scaler),
    unit: unit === undefined ? undefined : unitOfNumber(unit),
  };
}

function isPower(obis: Obis): boolean {
  return POWER !== undefined && isSame(obis, POWER);
}

function isSame(one: Obis, other: Obis): boolean {
  return formatObis(one) === formatObis(other);
}

function unsigned({ value, size }: Extract<SmlValue, { kind: 'integer' }>): bigint {
  return BigInt.asUintN(size * 8, value);
}

/** Milliseconds since 1970; null for what is no time of day, such as that of a clock that was never set. */
function instantIn(time: SmlTime | undefined): number | null {
  return time?.kind === 'instant' && time.seconds > 0 ? time.seconds * 1_000 : null;
}

function timeText({ kind, seconds }: SmlTime): string {
  return kind === 'instant' ? isoTime(seconds * 1_000) : `${seconds} s`;
}

/** What is printed on the meter where the bytes say it, else the text that they are, else hexadecimal. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return identification(bytes) ?? (/^[\x20-\x7e]+$/.test(text) ? text : bytes.toString('hex').toUpperCase());
}

const IDENTIFICATION_BYTES = 10;
const SERIAL_DIGITS = 8;

/** DIN 43863-5, in bytes: medium, three letters of the maker, block, and eight digits; `1 ESY 11 61…` is `1ESY1161…`. */
function identification(bytes: Buffer): string | undefined {
  if (bytes.length !== IDENTIFICATION_BYTES) return undefined;
  const maker = bytes.toString('latin1', 2, 5);
  const serial = String(bytes.readUInt32BE(6)).padStart(SERIAL_DIGITS, '0');
  const [, medium = 0] = bytes;
  if (!/^[A-Z]{3}$/.test(maker) || serial.length > SERIAL_DIGITS || medium > 9) return undefined;
  return `${medium}${maker}${bytes.toString('hex', 5, 6).toUpperCase()}${serial}`;
}
