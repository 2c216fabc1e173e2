import type { Processing } from '../config/configuration.ts';
import { roundDecimals, scaling } from '../model/decimal.ts';
import { badReading, type Reading, type Value } from '../model/reading.ts';

/** What happens to a point's readings; each part is absent where the configuration asks for nothing. */
export type CompiledProcessing = {
  /** Raw value to value: invalid marks, scaling, rounding, limits. */
  readonly convert: ((reading: Reading) => Reading) | undefined;
  /** Whether the reading says something new; remembers the last one that did. */
  readonly isNews: ((reading: Reading) => boolean) | undefined;
};

type Scalar = number | bigint;

function isNumeric(value: Value | null): value is Scalar {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Recognises the raw values that mean "not available". */
export function invalidValues(invalid: Processing['invalid']): (raw: Value) => boolean {
  const numbers = new Set(invalid.filter((value) => typeof value === 'number'));
  const texts = new Set(invalid.map(String));
  return (raw) => numbers.has(Number(raw)) || texts.has(String(raw));
}

function scaler({ scale, offset, decimals }: Processing): ((raw: Scalar) => Scalar) | undefined {
  const scaled = scale === 1 && offset === 0 ? undefined : scaling(scale, offset);
  if (decimals === undefined) return scaled;
  return (raw) => {
    const value = scaled === undefined ? raw : scaled(raw);
    return typeof value === 'number' ? roundDecimals(value, decimals) : value;
  };
}

/** News is what moved by at least `deadband` since the last news, and whatever is not simply good. */
function deadbandFilter(deadband: number): (reading: Reading) => boolean {
  let last: number | undefined;
  return ({ quality, value }) => {
    if (quality !== 'good' || !isNumeric(value)) {
      last = undefined;
      return true;
    }
    if (last !== undefined && Math.abs(Number(value) - last) < deadband) return false;
    last = Number(value);
    return true;
  };
}

function conversionOf(processing: Processing): (reading: Reading) => Reading {
  const isInvalid = processing.invalid.length > 0 ? invalidValues(processing.invalid) : undefined;
  const convert = scaler(processing);
  const { min = -Infinity, max = Infinity } = processing;
  return (reading) => {
    if (reading.quality === 'bad') return reading;
    if (isInvalid?.(reading.value) === true) return badReading(reading.point, 'not-available', reading.receivedTime);
    if (!isNumeric(reading.value)) return reading;
    const value = convert === undefined ? reading.value : convert(reading.value);
    if (value < min || value > max) return { ...reading, value, quality: 'uncertain', reason: 'out-of-range' };
    return value === reading.value ? reading : { ...reading, value };
  };
}

/** Compiles what a point's configuration asks for. */
export function compileProcessing(processing: Processing): CompiledProcessing {
  const { scale, offset, invalid, min, max, deadband, decimals } = processing;
  const converts =
    scale !== 1 ||
    offset !== 0 ||
    invalid.length > 0 ||
    min !== undefined ||
    max !== undefined ||
    decimals !== undefined;
  return {
    convert: converts ? conversionOf(processing) : undefined,
    isNews: deadband === undefined || deadband === 0 ? undefined : deadbandFilter(deadband),
  };
}
