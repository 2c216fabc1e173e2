// Scaling in decimal: 2301 × 0.1 is 230.1, never 230.10000000000002. Factor and offset are kept as exact integers over
// one power of ten; the result is rounded once, to the double nearest to the true one.

/** `mantissa / 10^places`, exactly the decimal number that was written; `places` is never negative. */
type Decimal = { readonly mantissa: bigint; readonly places: number };

/**
 * The decimal that a configuration's number stands for. Throws RangeError for NaN and infinities.
 * @internal
 */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no decimal number`);
  const [digits = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponent);
  const mantissa = BigInt(whole + fraction);
  return places >= 0 ? { mantissa, places } : { mantissa: mantissa * 10n ** BigInt(-places), places: 0 };
}

/**
 * A number where a double holds the integer exactly, else the bigint itself.
 * @internal
 */
export function narrow(integer: bigint): number | bigint {
  const value = Number(integer);
  return Number.isSafeInteger(value) ? value : integer;
}

// 10^22 is the largest power of ten that a double holds exactly.
const EXACT_PLACES = 22;

/**
 * `raw × factor + offset` for one raw value. Integers (a safe integer or a bigint) are exact in decimal, and the result
 * is a bigint only where factor and offset are whole numbers and it leaves the exact range of a double; floats are as
 * exact as doubles allow. Compiled once per point: the usual case is one multiplication and one division.
 */
export function scaling(factor: number, offset: number): (raw: number | bigint) => number | bigint {
  const scale = decimalOf(factor);
  const shift = decimalOf(offset);
  const places = Math.max(scale.places, shift.places);
  const multiplier = scale.mantissa * 10n ** BigInt(places - scale.places);
  const addend = shift.mantissa * 10n ** BigInt(places - shift.places);
  const fast = { multiplier: Number(multiplier), addend: Number(addend), unit: Number(`1e${places}`) };
  const fastIsExact = places <= EXACT_PLACES && Number.isSafeInteger(fast.addend);
  const isDivision = places <= EXACT_PLACES && multiplier === 1n && addend === 0n;
  // `+ 0` turns the -0 of 0 × -1 into 0.
  return (raw) => {
    const value = typeof raw === 'bigint' ? narrow(raw) : raw;
    if (typeof value === 'bigint') return exactly(value * multiplier + addend, places);
    if (!Number.isSafeInteger(value)) return (isDivision ? value / fast.unit : value * factor + offset) + 0;
    const product = value * fast.multiplier;
    const sum = product + fast.addend;
    if (fastIsExact && Number.isSafeInteger(product) && Number.isSafeInteger(sum)) return sum / fast.unit + 0;
    return exactly(BigInt(value) * multiplier + addend, places);
  };
}

function exactly(numerator: bigint, places: number): number | bigint {
  // Number() of a decimal text rounds once, correctly.
  return places === 0 ? narrow(numerator) : Number(`${numerator}e-${places}`);
}

/** `value` rounded half away from zero to `places` (0 or more) decimals, as its shortest decimal text would be. */
export function roundDecimals(value: number, places: number): number {
  const [digits, exponent = '0'] = String(Math.abs(value)).split('e');
  const rounded = Math.round(Number(`${digits}e${Number(exponent) + places}`));
  // Up there neighbouring doubles lie further apart than the decimals asked for; infinities and NaN pass as they are.
  if (!Number.isSafeInteger(rounded)) return value;
  return Math.sign(value) * Number(`${rounded}e-${places}`) + 0;
}
