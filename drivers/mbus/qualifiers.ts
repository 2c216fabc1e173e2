import { durationOf, type Meaning } from './quantity-tables.ts';
import type { Reason } from '../../src/model/reading.ts';

/** What a combinable extension makes of a value: another meaning, or the reason why there is none. */
export type Qualified = { readonly meaning: Meaning; readonly fault?: Reason };

type Change = (meaning: Meaning, code: number) => Meaning;

function named(qualifier: string, changes: Partial<Meaning> = {}): Change {
  return (meaning) => ({ ...meaning, ...changes, name: `${meaning.name} ${qualifier}` });
}

/** The value is one by something else: `kW.h` becomes `kW.h/d`. */
function unitAppended(qualifier: string, appendix: string): Change {
  return ({ name, unit, ...rest }) => ({
    ...rest,
    name: `${name} ${qualifier}`,
    ...(unit !== undefined && { unit: `${unit}${appendix}` }),
  });
}

function scaled(exponent: number): Change {
  return (meaning) => ({ ...meaning, exponent: meaning.exponent + exponent });
}

function instant(qualifier: string): Change {
  return ({ name }) => ({ name: `${name} ${qualifier}`, content: 'time', exponent: 0, multiplier: 1 });
}

function duration(qualifier: string): Change {
  return ({ name }, code) => durationOf(`${name} ${qualifier}`, code);
}

const count: Partial<Meaning> = { content: 'number', unit: '1', exponent: 0, multiplier: 1 };

const PER = [
  'second /s',
  'minute /min',
  'hour /h',
  'day /d',
  'week /wk',
  'month /mo',
  'year /a',
  'revolution ',
] as const;
const PER_UNIT = [
  'litre /l',
  'cubic-metre /m3',
  'kilogram /kg',
  'kelvin /K',
  'kilowatt-hour /(kW.h)',
  'gigajoule /GJ',
  'kilowatt /kW',
  'kelvin-litre /(K.l)',
  'volt /V',
  'ampere /A',
] as const;

function appended(first: number, rows: readonly string[]): readonly (readonly [number, Change])[] {
  return rows.map((row, index) => {
    const [word = '', appendix = ''] = row.split(' ');
    return [first + index, unitAppended(`per-${word}`, appendix)];
  });
}

const LIMITS = ['lower', 'upper'] as const;
const ENDS = ['first', 'last'] as const;
const BOUNDS = ['begin', 'end'] as const;

/** Codes 0x40 to 0x6F are made of bits: which limit, first or last, begin or end. */
function limits(): readonly (readonly [number, Change])[] {
  const pairs: (readonly [number, Change])[] = [];
  for (const [u, limit] of LIMITS.entries()) {
    pairs.push([0x40 | (u << 3), named(`${limit}-limit`)], [0x41 | (u << 3), named(`${limit}-limit-exceeds`, count)]);
    pairs.push([0x68 | (u << 2), named(`beyond-${limit}-limit`)]);
    for (const [f, end] of ENDS.entries()) {
      for (const [b, bound] of BOUNDS.entries())
        pairs.push([0x42 | (u << 3) | (f << 2) | b, instant(`${limit}-limit-${end}-${bound}`)]);
      for (let nn = 0; nn < 4; nn++)
        pairs.push([0x50 | (u << 3) | (f << 2) | nn, duration(`${limit}-limit-${end}-duration`)]);
    }
  }
  for (const [f, end] of ENDS.entries()) {
    for (let nn = 0; nn < 4; nn++) pairs.push([0x60 | (f << 2) | nn, duration(`${end}-duration`)]);
    for (const [b, bound] of BOUNDS.entries()) pairs.push([0x6a | (f << 2) | b, instant(`${end}-${bound}`)]);
  }
  return pairs;
}

/** EN 13757-3, 6.4.6: extensions that may follow any value information field. */
const COMBINABLE: ReadonlyMap<number, Change> = new Map([
  [0x12, named('average')],
  [0x13, named('inverse-profile', { content: 'bytes' })],
  [0x14, named('deviation')],
  [0x1d, named('standard')],
  [0x1e, named('register-profile', { content: 'bytes' })],
  [0x1f, named('profile', { content: 'bytes' })],
  ...appended(0x20, PER),
  [0x28, named('per-input-pulse-0')],
  [0x29, named('per-input-pulse-1')],
  [0x2a, named('per-output-pulse-0')],
  [0x2b, named('per-output-pulse-1')],
  ...appended(0x2c, PER_UNIT),
  [0x36, unitAppended('times-second', '.s')],
  [0x37, unitAppended('times-second-per-volt', '.s/V')],
  [0x38, unitAppended('times-second-per-ampere', '.s/A')],
  [0x39, instant('start')],
  [0x3a, named('uncorrected')],
  [0x3b, named('forward')],
  [0x3c, named('backward')],
  [0x3d, named('non-metric')],
  [0x3e, named('at-base-conditions')],
  [0x3f, named('obis', { content: 'bytes' })],
  ...limits(),
  [0x69, named('leakage')],
  [0x6d, named('overflow')],
  ...Array.from({ length: 8 }, (_, power): readonly [number, Change] => [0x70 + power, scaled(power - 6)]),
  ...Array.from({ length: 4 }, (_, power): readonly [number, Change] => [
    0x78 + power,
    (meaning, code) => named('offset')(scaled(power - 3)(meaning, code), code),
  ]),
  [0x7d, scaled(3)],
  [0x7e, named('future')],
]);

/** The same behind 0xFC. */
const COMBINABLE_FC: ReadonlyMap<number, Change> = new Map([
  ...['l1', 'l2', 'l3', 'neutral', 'l1-l2', 'l2-l3', 'l3-l1', 'q1', 'q2', 'q3', 'q4', 'import-less-export'].map(
    (place, index): readonly [number, Change] => [0x01 + index, named(place)],
  ),
  [0x10, named('absolute')],
  [0x11, (meaning) => ({ ...meaning, content: 'bits' })],
  [0x12, (meaning) => ({ ...meaning, content: 'bits' })],
]);

// EN 13757-3, 6.4.7: what a meter says instead of a value. Up to 0x0F it has no such record, or not so many.
const LAST_REFUSAL = 0x0f;
const FAULTS: ReadonlyMap<number, Reason> = new Map([
  [0x15, 'not-available'],
  [0x16, 'out-of-range'],
  [0x17, 'out-of-range'],
  [0x18, 'device-failure'],
  [0x1c, 'malformed-answer'],
]);

/** What the extension `code` makes of a meaning; one that the standard does not know yet becomes part of its name. */
export function qualify(meaning: Meaning, code: number): Qualified {
  const change = COMBINABLE.get(code);
  if (change !== undefined) return { meaning: change(meaning, code) };
  const fault = code > 0 && code <= LAST_REFUSAL ? 'refused' : FAULTS.get(code);
  if (fault !== undefined) return { meaning, fault };
  return { meaning: code === 0 ? meaning : named(`vife-${hexByte(code)}`)(meaning, code) };
}

/** The same for a code of the second table. */
export function qualifyFurther(meaning: Meaning, code: number): Qualified {
  const change = COMBINABLE_FC.get(code) ?? named(`vife-fc-${hexByte(code)}`);
  return { meaning: change(meaning, code) };
}

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Among extensions: the next one is of the second table. */
export const FURTHER = 0x7c;

/** The codes of the extension that adds this word to a name; undefined where none does. */
export function qualifierCodes(word: string): readonly number[] | undefined {
  const base: Meaning = { name: '', content: 'number', exponent: 0, multiplier: 1 };
  const adds = ([code, change]: readonly [number, Change]): boolean => change(base, code).name === ` ${word}`;
  const [code] = [...COMBINABLE].find(adds) ?? [];
  if (code !== undefined) return [code];
  const [further] = [...COMBINABLE_FC].find(adds) ?? [];
  return further === undefined ? undefined : [FURTHER, further];
}
