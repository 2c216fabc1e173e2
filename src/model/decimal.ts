// Scaling in decimal: 2301 × 0.1 is 230.1, never 230.10000000000002. A factor is kept as mantissa × 10^-places;
// one multiplication and one division of exact integers round once, which gives the double nearest to the true result.

/** `mantissa / 10^places`, exactly the decimal number that was written. */
export type Decimal = { readonly mantissa: number; readonly places: number };

/** The decimal that a configuration's number stands for. Throws RangeError for NaN and infinities. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no decimal number`);
  const [digits = '0', exponentText = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponentText);
  const mantissa = Number(whole + fraction);
  return places >= 0 ? { mantissa, places } : { mantissa: mantissa * 10 ** -places, places: 0 };
}

// 10^22 is the largest power of ten that a double holds exactly.
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

function exactly(raw: bigint, factor: Decimal, offset: Decimal): number | bigint {
  const places = Math.max(factor.places, offset.places);
  const numerator =
    raw * BigInt(factor.mantissa) * 10n ** BigInt(places - factor.places) +
    BigInt(offset.mantissa) * 10n ** BigInt(places - offset.places);
  const unit = 10n ** BigInt(places);
  if (numerator % unit === 0n) return narrow(numerator / unit);
  // Number() of a decimal text rounds once, correctly.
  return Number(`${numerator}e-${places}`);
}

/** A number where a double holds the integer exactly, else the bigint itself. */
export function narrow(integer: bigint): number | bigint {
  const value = Number(integer);
  return Number.isSafeInteger(value) ? value : integer;
}

/**
 * `raw × factor + offset` for one raw value, exact in decimal for integers; for floats as exact as doubles allow.
 * Compiled once per point: the usual case, a factor of 10^-n and no offset, is one division.
 */
export function scaling(factor: number, offset: number): (raw: number | bigint) => number | bigint {
  const scale = decimalOf(factor);
  const shift = decimalOf(offset);
  const power = POWERS[scale.places];
  return (raw) => {
    if (typeof raw === 'number') {
      const product = raw * scale.mantissa;
      if (shift.mantissa === 0 && power !== undefined && (Number.isSafeInteger(product) || !Number.isInteger(raw))) {
        return product / power;
      }
      if (!Number.isInteger(raw)) return raw * factor + offset;
    }
    return exactly(BigInt(raw), scale, shift);
  };
}

/** `value` rounded half away from zero to `places` decimals. */
export function roundDecimals(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  const [digits, exponent = '0'] = String(Math.abs(value)).split('e');
  const rounded = Math.round(Number(`${digits}e${Number(exponent) + places}`));
  return Math.sign(value) * Number(`${rounded}e-${places}`);
}
