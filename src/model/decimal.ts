// Scaling in decimal: 2301 × 0.1 is 230.1, never 230.10000000000002. Factor and offset are kept as exact integers over
// one power of ten; the result is rounded once, to the double nearest to the true one.

/** `mantissa / 10^places`, exactly the decimal number that was written; `places` is never negative. */
export type Decimal = { readonly mantissa: bigint; readonly places: number };

/** The decimal that a configuration's number stands for. Throws RangeError for NaN and infinities. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no decimal number`);
  return decimalFrom(String(value));
}

function decimalFrom(text: string): Decimal {
  const [digits = '0', exponent = '0'] = text.split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponent);
  const mantissa = BigInt(whole + fraction);
  return places >= 0 ? { mantissa, places } : { mantissa: mantissa * 10n ** BigInt(-places), places: 0 };
}

// Longer than any double and any 64-bit integer is written; and far from powers of ten that would take a while.
const DECIMAL_TEXT = /^[+-]?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,2})?$/;

/** The decimal that somebody wrote, e.g. `45.5` or `-1e3`; undefined where it is none. */
export function parseDecimal(text: string): Decimal | undefined {
  const written = text.trim().toLowerCase();
  return DECIMAL_TEXT.test(written) ? decimalFrom(written.replace(/^\+/, '')) : undefined;
}

/** The exact product. */
export function multiplyDecimals(one: Decimal, other: Decimal): Decimal {
  return { mantissa: one.mantissa * other.mantissa, places: one.places + other.places };
}

/** `mantissa × 10^exponent`, as binary protocols carry a decimal. */
export function decimalWith(mantissa: bigint, exponent: number): Decimal {
  return exponent < 0 ? { mantissa, places: -exponent } : { mantissa: mantissa * 10n ** BigInt(exponent), places: 0 };
}

/** The number nearest to it; a bigint where it is whole and no double holds it exactly. */
export function numberOf({ mantissa, places }: Decimal): number | bigint {
  return exactly(mantissa, places);
}

/** Below 0 where `one` is less than `other`, 0 where they are equal, above 0 otherwise. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const [left, right] = aligned(one, other);
  return left < right ? -1 : Number(left > right);
}

/** Whether `value` is `step` times a whole number. */
export function isMultiple(value: Decimal, step: Decimal): boolean {
  const [dividend, divisor] = aligned(value, step);
  return dividend % divisor === 0n;
}

/** The same decimals as whole numbers of one unit. */
function aligned(one: Decimal, other: Decimal): readonly [bigint, bigint] {
  const places = Math.max(one.places, other.places);
  return [mantissaAt(one, places), mantissaAt(other, places)];
}

function mantissaAt({ mantissa, places }: Decimal, wanted: number): bigint {
  return mantissa * 10n ** BigInt(wanted - places);
}

/** What a device must hold for a value: `(value - offset) / factor`, exactly. */
export type Unscaled = {
  /** The whole numbers next to it, the same one twice where it is whole. */
  readonly below: bigint;
  readonly above: bigint;
  /** The double nearest to it. */
  readonly nearest: number;
};

// A double has 17 significant digits: these are enough for raw values down to a billionth.
const QUOTIENT_PLACES = 26;

/** The inverse of `scaling`. */
export function unscale(value: Decimal, factor: number, offset: number): Unscaled {
  const [scale, shift] = [decimalOf(factor), decimalOf(offset)];
  const places = Math.max(value.places, scale.places, shift.places);
  const divisor = mantissaAt(scale, places);
  const dividend = mantissaAt(value, places) - mantissaAt(shift, places);
  const whole = dividend / divisor; // towards zero
  const isWhole = dividend % divisor === 0n;
  const below = isWhole || dividend < 0n === divisor < 0n ? whole : whole - 1n;
  const quotient = (dividend * 10n ** BigInt(QUOTIENT_PLACES)) / divisor;
  return { below, above: isWhole ? below : below + 1n, nearest: Number(`${quotient}e-${QUOTIENT_PLACES}`) };
}

/** A number where a double holds the integer exactly, else the bigint itself. */
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
