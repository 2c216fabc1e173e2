import { decimalOf, multiplyDecimals, numberOf, unscale, type Decimal } from '../../src/model/decimal.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import { conversion } from '../../src/model/ucum.ts';
import { unitOfNumber } from '../meter/units.ts';
import type { Scale } from './content.ts';
import { encodeData, isNumber, type Data } from './data.ts';

/** How a point's values are to be had: multiplied by the meter's scaler, and in the point's own unit. */
export type Wanted = { readonly scale: Scale | undefined; readonly unit: string | undefined };

/**
 * The data that a meter must hold so that a point shows `value`: of the type that it holds now. Throws `write-refused`
 * where there is none.
 */
export function encodeLike(current: Data, value: Value, wanted: Wanted): Data {
  const data = like(current, value, wanted);
  if (data !== undefined && fits(data)) return data;
  throw new GatewayError('write-refused', `${String(value)} cannot be a ${current.type} of the meter`);
}

function like(current: Data, value: Value, wanted: Wanted): Data | undefined {
  if (isNumber(current)) return likeNumber(current, value, wanted);
  if (current.type === 'bool') return typeof value === 'boolean' ? { type: 'bool', value } : undefined;
  if (typeof value !== 'string') return undefined;
  if (current.type === 'octets') return { type: 'octets', bytes: Buffer.from(value, 'latin1') };
  return 'text' in current && current.type !== 'bits' ? { ...current, text: value } : undefined;
}

function likeNumber(
  { type }: Extract<Data, { readonly value: number | bigint }>,
  value: Value,
  wanted: Wanted,
): Data | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const factor = factorOf(wanted);
  if (factor === undefined) return undefined;
  const given: Decimal = typeof value === 'bigint' ? { mantissa: value, places: 0 } : decimalOf(value);
  const { below, above, nearest } = unscale(given, Number(numberOf(factor)), 0);
  if (type === 'float32' || type === 'float64') return { type, value: nearest };
  return below === above ? { type, value: below } : undefined;
}

/** What a number of the meter is multiplied by to be the point's; undefined where its unit is another. */
function factorOf({ scale, unit }: Wanted): Decimal | undefined {
  const { scaler = 0, unit: number } = scale ?? {};
  const ten = decimalOf(Number(`1e${scaler}`));
  const delivered = number === undefined ? undefined : unitOfNumber(number);
  if (delivered === undefined || unit === undefined) return ten;
  const factor = conversion(delivered, unit);
  return factor === undefined ? undefined : multiplyDecimals(factor, ten);
}

/** Whether the type can hold it. */
function fits(data: Data): boolean {
  try {
    return encodeData(data).length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
