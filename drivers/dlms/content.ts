import { decimalOf, decimalWith } from '../../src/model/decimal.ts';
import { formatObis, type Obis } from '../../src/model/obis.ts';
import { unitOfNumber } from '../meter/units.ts';
import type { MeterContent, MeterValue } from '../meter/value.ts';
import { DATE_TIME_BYTES, parseCosemTime, showCosemTime } from './cosem-time.ts';
import { isNumber, type Data } from './data.ts';

/** What a number is measured in: IEC 62056-62, scal_unit_type. The scaler is the power of ten it is multiplied by. */
export type Scale = { readonly scaler: number; readonly unit: number | undefined };

const UNSCALED: Scale = { scaler: 0, unit: undefined };

/** The value of an object as that of a point; undefined where it is made of several. */
export function meterValue(
  obis: Obis,
  data: Data,
  time: number | null,
  scale: Scale = UNSCALED,
): MeterValue | undefined {
  const content = contentOf(data, scale);
  return content === undefined ? undefined : { register: formatObis(obis), obis, index: 0, content, time };
}

export function contentOf(data: Data, { scaler, unit }: Scale = UNSCALED): MeterContent | undefined {
  if (isNumber(data)) {
    const { value } = data;
    if (!Number.isFinite(Number(value))) return { kind: 'none', reason: 'not-a-number' };
    const { mantissa, places } = typeof value === 'bigint' ? { mantissa: value, places: 0 } : decimalOf(value);
    const known = unit === undefined ? undefined : unitOfNumber(unit);
    return { kind: 'number', decimal: decimalWith(mantissa, scaler - places), unit: known };
  }
  if (data.type === 'null') return { kind: 'none', reason: 'not-available' };
  if (data.type === 'bool') return { kind: 'boolean', on: data.value };
  if ('bytes' in data) return { kind: 'text', text: showBytes(data.bytes) };
  return 'text' in data ? { kind: 'text', text: data.text } : undefined;
}

// What is printed on meters and in their menus.
const PRINTABLE = /^[ -~]+$/;

/** A text where it is one, a time where it is one, else the bytes in hexadecimal. */
function showBytes(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/[\0 ]+$/, '');
  if (PRINTABLE.test(text)) return text;
  const time = bytes.length === DATE_TIME_BYTES ? parseCosemTime(bytes) : undefined;
  return time === undefined ? bytes.toString('hex') : showCosemTime(time);
}
