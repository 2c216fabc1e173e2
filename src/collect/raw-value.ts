import type { Processing } from '../config/configuration.ts';
import {
  compareDecimals,
  decimalOf,
  isMultiple,
  narrow,
  parseDecimal,
  scaling,
  unscale,
  type Decimal,
} from '../model/decimal.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointDefinition, ValueType, WriteRule } from '../model/point.ts';
import type { Value } from '../model/reading.ts';
import { invalidValues } from './processing.ts';
import type { CollectedPoint } from './setup.ts';

/** A value as somebody gives it: in the point's unit, an integer beyond 2^53 as decimal text, a state by its name too. */
export type GivenValue = number | string | boolean;

/**
 * The raw value that makes a point show `given`, within the point's `write` rule. `type` is that of its raw values.
 * Throws `write-refused` that names what is allowed.
 */
export function rawValueOf({ id, definition, processing }: CollectedPoint, given: GivenValue, type: ValueType): Value {
  const { write: rule } = definition;
  const refuse = (why: string): GatewayError => new GatewayError('write-refused', `${id}: ${why}`);
  if (rule === undefined) {
    const key = `devices.${definition.device}.points.${definition.name}`;
    throw refuse(`must not be written: the configuration has no \`write\` in ${key}`);
  }
  const value = namedState(definition, given);
  const broken = isNumeric(type) ? brokenBounds(rule, value, definition.unit) : undefined;
  if (broken !== undefined) throw refuse(broken);
  if (!isListed(rule, value, given)) {
    throw refuse(
      `${shown(given)} is none of ${(rule.values ?? []).map(String).join(', ')}, which alone may be written`,
    );
  }
  const raw = unprocessed(value, type, processing);
  if ('refusal' in raw) throw refuse(`${shown(given)} ${raw.refusal}`);
  if (invalidValues(processing.invalid)(raw.value)) {
    throw refuse(`${shown(given)} is what the device means by "not available"`);
  }
  return raw.value;
}

/** A raw value of `type` as it was given, neither scaled nor bounded. Throws `write-refused`; `id` is for its message. */
export function plainValueOf(id: string, given: GivenValue, type: ValueType): Value {
  const raw = unprocessed(given, type, { scale: 1, offset: 0 });
  if ('refusal' in raw) throw new GatewayError('write-refused', `${id}: ${shown(given)} ${raw.refusal}`);
  return raw.value;
}

/** Whether a device holds what was written to it. */
export function isSame(written: Value, read: Value | null): boolean {
  if (typeof written === 'string') return typeof read === 'string' && read.trim() === written.trim();
  return read === written || (typeof read !== 'boolean' && read !== null && String(read) === String(written));
}

/** The value that has the name `given`, as its text; `given` itself where it is no name. */
function namedState({ states = {} }: PointDefinition, given: GivenValue): GivenValue {
  return Object.entries(states).find(([, name]) => name === given)?.[0] ?? given;
}

function brokenBounds({ min, max, step }: WriteRule, value: GivenValue, unit = ''): string | undefined {
  const decimal = asDecimal(value);
  if (decimal === undefined) return undefined; // told by what comes after
  const amount = (bound: number): string => `${bound} ${unit}`.trimEnd();
  if (min !== undefined && compareDecimals(decimal, decimalOf(min)) < 0) {
    return `${value} is below ${amount(min)}, the least that may be written`;
  }
  if (max !== undefined && compareDecimals(decimal, decimalOf(max)) > 0) {
    return `${value} is above ${amount(max)}, the most that may be written`;
  }
  const isStep = step === undefined || isMultiple(decimal, decimalOf(step));
  return isStep ? undefined : `${value} is no multiple of ${amount(step)}, in whose steps it may be written`;
}

function isListed({ values }: WriteRule, value: GivenValue, given: GivenValue): boolean {
  if (values === undefined) return true;
  const decimal = asDecimal(value);
  return values.some((allowed) => {
    if (String(allowed) === String(value) || allowed === given) return true;
    const other = asDecimal(allowed);
    return decimal !== undefined && other !== undefined && compareDecimals(decimal, other) === 0;
  });
}

/** `refusal`: what is wrong with it, to be said of the value that was given. */
type Unprocessed = { readonly value: Value } | { readonly refusal: string };

/** What the device must hold so that it reads as `value`. */
function unprocessed(
  value: GivenValue,
  type: ValueType,
  processing: Pick<Processing, 'scale' | 'offset'>,
): Unprocessed {
  if (type === 'string') return typeof value === 'string' ? { value } : { refusal: 'is not text' };
  if (type === 'bool') return asBool(value);
  const decimal = asDecimal(value);
  if (decimal === undefined) return { refusal: 'is not a number' };
  return isFloat(type) ? asFloat(decimal, type, processing) : asInteger(decimal, type, processing);
}

const bools = new Map<GivenValue, boolean>([
  [true, true],
  ['true', true],
  [1, true],
  ['1', true],
  [false, false],
  ['false', false],
  [0, false],
  ['0', false],
]);

function asBool(value: GivenValue): Unprocessed {
  const bool = bools.get(value);
  return bool === undefined ? { refusal: 'is neither true nor false' } : { value: bool };
}

type Integer = keyof typeof integerRanges;
type Float = 'float32' | 'float64';

const integerRanges = {
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

function isFloat(type: ValueType): type is Float {
  return type === 'float32' || type === 'float64';
}

function isNumeric(type: ValueType): type is Integer | Float {
  return type !== 'bool' && type !== 'string';
}

function asInteger(
  value: Decimal,
  type: Integer,
  { scale, offset }: Pick<Processing, 'scale' | 'offset'>,
): Unprocessed {
  const { below, above } = unscale(value, scale, offset);
  const toValue = scaling(scale, offset);
  const [least, greatest] = integerRanges[type];
  if (below < least || above > greatest) {
    const ends = [toValue(narrow(least)), toValue(narrow(greatest))].sort((a, b) => (a < b ? -1 : 1));
    return { refusal: `is beyond what the device can hold, ${ends.join(' to ')}` };
  }
  if (below === above) return { value: narrow(below) };
  const nearest = [toValue(narrow(below)), toValue(narrow(above))].sort((a, b) => (a < b ? -1 : 1));
  return { refusal: `lies between two values of the device: write ${nearest.join(' or ')}` };
}

function asFloat(value: Decimal, type: Float, { scale, offset }: Pick<Processing, 'scale' | 'offset'>): Unprocessed {
  const { nearest } = unscale(value, scale, offset);
  const held = type === 'float32' ? Math.fround(nearest) : nearest;
  return Number.isFinite(held) ? { value: held } : { refusal: `is beyond what a ${type} can hold` };
}

function asDecimal(value: GivenValue): Decimal | undefined {
  if (typeof value === 'string') return parseDecimal(value);
  return typeof value === 'number' && Number.isFinite(value) ? decimalOf(value) : undefined;
}

function shown(value: GivenValue): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
