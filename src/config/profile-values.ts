import type { ValueDescription } from '../collect/driver.ts';
import type { ValueType, WriteRule } from '../model/point.ts';
import type { CheckedPoint, CheckedProfile } from './profile-checked.ts';
import { placeOf } from './profile-place.ts';

/** Complains of values that the point can never have: labels of states, marks for "not available", bounds of writing. */
export function checkValues(point: CheckedPoint): void {
  checkStates(point);
  checkInvalid(point);
  checkWrite(point);
}

const INTEGER_BITS: Partial<Record<ValueType, readonly [sign: 0 | 1, bits: number]>> = {
  int16: [1, 16],
  uint16: [0, 16],
  int32: [1, 32],
  uint32: [0, 32],
  int64: [1, 64],
  uint64: [0, 64],
};

/** The least and greatest raw value, exactly; undefined for what is no integer. */
function rangeOf({ type, range }: ValueDescription): readonly [bigint, bigint] | undefined {
  if (range !== undefined) return [BigInt(range[0]), BigInt(range[1])];
  const integer = INTEGER_BITS[type];
  if (integer === undefined) return undefined;
  const [sign, bits] = integer;
  const half = 1n << BigInt(bits - sign);
  return [sign === 1 ? -half : 0n, half - 1n];
}

/** Why a raw value of this description is never `value`; undefined where it can be. */
function refusal(value: number | string | boolean, raw: ValueDescription): string | undefined {
  const range = rangeOf(raw);
  if (range !== undefined) return refusalOfInteger(String(value), range);
  if (raw.type === 'bool') return ['true', 'false'].includes(String(value)) ? undefined : 'it is true or false';
  if (raw.type === 'string') return undefined;
  return Number.isFinite(Number(value)) ? undefined : 'it is a number';
}

function refusalOfInteger(value: string, [least, greatest]: readonly [bigint, bigint]): string | undefined {
  const possible = `it is a whole number from ${least} to ${greatest}`;
  if (!/^-?\d+$/.test(value)) return possible;
  const number = BigInt(value);
  return number < least || number > greatest ? possible : undefined;
}

function checkStates({ section, settings, raw }: CheckedPoint): void {
  const { definition, processing } = settings;
  if (definition.states === undefined) return;
  const labels = section.at('labels');
  if (definition.kind !== 'state') {
    labels.complain(`name states, but the point is a ${definition.kind}`, 'write kind: state, or remove them');
  } else if (processing.scale !== 1 || processing.offset !== 0) {
    labels.complain('name values that are scaled away', 'remove scale and offset: a state is what the device sends');
  } else {
    for (const label of Object.keys(definition.states)) {
      const reason = refusal(label, raw);
      if (reason !== undefined) labels.at(label).complainOfKey(`is never ${label}: ${reason}`, 'correct label or type');
    }
  }
}

function checkInvalid({ section, settings, raw }: CheckedPoint): void {
  settings.processing.invalid.forEach((value, index) => {
    const reason = refusal(value, raw);
    if (reason === undefined) return;
    section.at('invalid', index).complain(`the raw value is never ${value}: ${reason}`, 'correct it, or the type');
  });
}

function checkWrite(point: CheckedPoint): void {
  const { write } = point.settings.definition;
  if (write === undefined) return;
  for (const bound of boundsOf(write)) checkBound(point, bound);
  const isBounded = write.values !== undefined || (write.min !== undefined && write.max !== undefined);
  if (!isBounded && point.raw.type !== 'bool') {
    point.advice.at('write').complain('may be anything', 'give min and max, or values, as the manual has them');
  }
}

function checkBound({ section, settings, raw }: CheckedPoint, { path, value }: Bound): void {
  const { scale, offset } = settings.processing;
  const isScaled = typeof value === 'number' && rangeOf(raw) !== undefined;
  const asked = isScaled ? Math.round((value - offset) / scale) : value;
  const reason = refusal(asked, raw);
  if (reason === undefined) return;
  const sent = asked === value ? '' : ` as ${String(asked)}`;
  section.at('write', ...path).complain(`${value} cannot be written${sent}: ${reason}`, 'correct it, or the type');
}

type Bound = { readonly path: readonly (string | number)[]; readonly value: number | string | boolean };

function boundsOf({ min, max, values = [] }: WriteRule): readonly Bound[] {
  return [
    ...(min === undefined ? [] : [{ path: ['min'], value: min }]),
    ...(max === undefined ? [] : [{ path: ['max'], value: max }]),
    ...values.map((value, index) => ({ path: ['values', index], value })),
  ];
}

/** Complains of marks of identity that the device cannot show, or not there. */
export function checkFingerprint({ profile, driver, root }: CheckedProfile): void {
  profile.fingerprint.forEach(({ address, equals }, index) => {
    const mark = root.at('fingerprint', index);
    placeOf({ number: index, id: 'fingerprint', address }, profile.device, driver, mark);
    const reason = refusal(equals, driver.driver.describe(address));
    if (reason !== undefined) mark.at('equals').complain(`the device never answers ${equals}: ${reason}`, 'correct it');
  });
}
