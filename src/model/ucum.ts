import type { Decimal } from './decimal.ts';
import { metricUnits, plainUnits, prefixes, sizes, specialUnits } from './ucum-atoms.ts';

/** What a unit measures, whatever its size. */
export type Unit = {
  /** Exponents of the base units, e.g. m3/h is m 3, s -1; those of 0 are left out. */
  readonly dimension: ReadonlyMap<string, number>;
  /** Its zero is a matter of convention, or it is logarithmic: Cel, dB, [pH]. */
  readonly special: boolean;
  /** A product of V and A: apparent power and what follows from it, which W is not though UCUM holds them for the same. */
  readonly apparent: boolean;
};

/** Reads a unit as the Unified Code for Units of Measure writes it, case-sensitive (2.2); undefined where it is none. */
export function parseUnit(text: string): Unit | undefined {
  const factors = parseFactors(text);
  if (factors === undefined) return undefined;
  const dimension = new Map<string, number>();
  for (const { atom, exponent } of factors) {
    for (const [base, power] of dimensionOf(atom)) add(dimension, base, power * exponent);
  }
  const has = (wanted: string): boolean => factors.some(({ atom, exponent }) => atom === wanted && exponent > 0);
  return {
    dimension: new Map([...dimension].filter(([, power]) => power !== 0)),
    special: factors.some(({ atom }) => specialUnits.has(atom)),
    apparent: has('V') && has('A'),
  };
}

/** Whether values in `unit` can be turned into values in `wanted`, or are in it already. */
export function agrees(unit: Unit, wanted: Unit): boolean {
  // A difference in kelvins that is given in degrees would get the freezing point added somewhere.
  if (unit.special && !wanted.special) return false;
  return unit.apparent === wanted.apparent && sameDimension(unit.dimension, wanted.dimension);
}

function sameDimension(a: Unit['dimension'], b: Unit['dimension']): boolean {
  return a.size === b.size && [...a].every(([base, power]) => b.get(base) === power);
}

/**
 * What a value in `unit` is to be multiplied by to be one in `wanted`, exactly in decimal: W.h to kW.h is 0.001.
 * Undefined where they do not agree, and where no decimal says it: J to W.h is 1/3600.
 */
export function conversion(unit: string, wanted: string): Decimal | undefined {
  if (unit === wanted) return { mantissa: 1n, places: 0 };
  const [from, to] = [parseUnit(unit), parseUnit(wanted)];
  // Zeros that lie elsewhere, and logarithms, are not to be multiplied.
  if (from === undefined || to === undefined || from.special || to.special || !agrees(from, to)) return undefined;
  const [size, wantedSize] = [sizeOf(unit), sizeOf(wanted)];
  if (size === undefined || wantedSize === undefined) return undefined;
  return asDecimal(size.over * wantedSize.under, size.under * wantedSize.over);
}

// Powers of ten that prefixes leave at most between two units.
const MOST_PLACES = 60;

function asDecimal(over: bigint, under: bigint): Decimal | undefined {
  for (let places = 0, mantissa = over; places <= MOST_PLACES; places += 1, mantissa *= 10n) {
    if (mantissa % under === 0n) return { mantissa: mantissa / under, places };
  }
  return undefined;
}

/** How large a unit is in base units: `over / under`. */
type Size = { readonly over: bigint; readonly under: bigint };

/** Undefined where the table does not say how large one of its atoms is. */
function sizeOf(text: string): Size | undefined {
  let size: Size | undefined = { over: 1n, under: 1n };
  for (const { atom, exponent, prefix, number } of parseFactors(text) ?? []) {
    const own = sizeOfAtom(atom);
    if (own === undefined || Number.isNaN(prefix)) return undefined;
    const ten = 10n ** BigInt(Math.abs(prefix));
    const whole: Size =
      prefix < 0 ? { over: own.over, under: own.under * ten } : { over: own.over * ten, under: own.under };
    size = times(size, raised({ over: whole.over * number, under: whole.under }, exponent));
  }
  return size;
}

function sizeOfAtom(atom: string): Size | undefined {
  if (atom === '1') return { over: 1n, under: 1n };
  const definition = metricUnits.get(atom) ?? plainUnits.get(atom) ?? '';
  const own = sizes.get(atom);
  if (own === undefined) return undefined;
  const made = definition === '' || definition === '1' ? { over: 1n, under: 1n } : sizeOf(definition);
  return made === undefined ? undefined : times(made, { over: own[0], under: own[1] });
}

function times(one: Size, other: Size): Size {
  return { over: one.over * other.over, under: one.under * other.under };
}

function raised({ over, under }: Size, exponent: number): Size {
  const positive = BigInt(Math.abs(exponent));
  const [top, bottom] = [over ** positive, under ** positive];
  return exponent < 0 ? { over: bottom, under: top } : { over: top, under: bottom };
}

/** A unit without its prefix, which is a power of ten, and its power in the whole; or, as atom `1`, a number. */
type Factor = {
  readonly atom: string;
  readonly exponent: number;
  readonly prefix: number;
  readonly number: bigint;
};

function parseFactors(text: string): readonly Factor[] | undefined {
  const reader = new Reader(text);
  const factors = reader.term();
  return reader.atEnd ? factors : undefined;
}

/** Takes a term apart; `failed` once there is something that is no unit. */
class Reader {
  #rest: string;
  #failed = false;

  constructor(text: string) {
    this.#rest = text;
  }

  get atEnd(): boolean {
    return this.#rest === '' && !this.#failed;
  }

  /** UCUM 2.2, table of terms: components divided or multiplied from left to right, the first may be divided by. */
  term(): readonly Factor[] {
    const factors: Factor[] = [];
    let sign = this.#take(/^\//) === undefined ? 1 : -1;
    do {
      for (const factor of this.#component()) factors.push({ ...factor, exponent: factor.exponent * sign });
      sign = this.#rest.startsWith('/') ? -1 : 1;
    } while (!this.#failed && this.#take(/^[./]/) !== undefined);
    return factors;
  }

  #component(): readonly Factor[] {
    if (this.#take(/^\(/) !== undefined) {
      const factors = this.term();
      if (this.#take(/^\)/) === undefined) this.#failed = true;
      return factors;
    }
    const factors = this.#simple();
    const annotated = this.#take(/^\{[!-z|~]*\}/) !== undefined;
    if (factors === undefined && !annotated) this.#failed = true;
    return factors ?? [];
  }

  /** A unit with its exponent, or a whole number; undefined where there is neither. */
  #simple(): readonly Factor[] | undefined {
    const symbol = this.#take(/^(?:10[*^]|(?:\[\w+\]|[A-Za-z%'])+)/);
    if (symbol === undefined) {
      const number = this.#take(/^[1-9]\d*/);
      return number === undefined ? undefined : [{ atom: '1', exponent: 1, prefix: 0, number: BigInt(number) }];
    }
    const exponent = Number(this.#take(/^[+-]?[1-9]\d*/) ?? 1);
    const atom = atomOf(symbol);
    if (atom === undefined) this.#failed = true;
    return atom === undefined ? [] : [{ ...atom, exponent, number: 1n }];
  }

  #take(pattern: RegExp): string | undefined {
    const [found] = pattern.exec(this.#rest) ?? [];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }
}

function atomOf(symbol: string): Pick<Factor, 'atom' | 'prefix'> | undefined {
  if (metricUnits.has(symbol) || plainUnits.has(symbol)) return { atom: symbol, prefix: 0 };
  const length = [2, 1].find((size) => prefixes.has(symbol.slice(0, size)) && metricUnits.has(symbol.slice(size)));
  if (length === undefined) return undefined;
  return { atom: symbol.slice(length), prefix: prefixes.get(symbol.slice(0, length)) ?? 0 };
}

/** What an atom of the tables is made of, down to the base units. */
function dimensionOf(atom: string): Unit['dimension'] {
  if (atom === '1') return new Map();
  const definition = metricUnits.get(atom) ?? plainUnits.get(atom) ?? '';
  if (definition === '') return new Map([[atom, 1]]);
  return parseUnit(definition)?.dimension ?? new Map();
}

function add(powers: Map<string, number>, base: string, power: number): void {
  powers.set(base, (powers.get(base) ?? 0) + power);
}
