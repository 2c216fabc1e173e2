import { metricUnits, plainUnits, prefixes, specialUnits } from './ucum-atoms.ts';

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

/** A unit without its prefix, and its power in the whole. */
type Factor = { readonly atom: string; readonly exponent: number };

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
      for (const { atom, exponent } of this.#component()) factors.push({ atom, exponent: exponent * sign });
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
    if (symbol === undefined) return this.#take(/^[1-9]\d*/) === undefined ? undefined : [];
    const exponent = Number(this.#take(/^[+-]?[1-9]\d*/) ?? 1);
    const atom = atomOf(symbol);
    if (atom === undefined) this.#failed = true;
    return atom === undefined ? [] : [{ atom, exponent }];
  }

  #take(pattern: RegExp): string | undefined {
    const [found] = pattern.exec(this.#rest) ?? [];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }
}

function atomOf(symbol: string): string | undefined {
  if (metricUnits.has(symbol) || plainUnits.has(symbol)) return symbol;
  const lengths = [2, 1].filter((length) => prefixes.has(symbol.slice(0, length)));
  return lengths.map((length) => symbol.slice(length)).find((atom) => metricUnits.has(atom));
}

/** What an atom of the tables is made of, down to the base units. */
function dimensionOf(atom: string): Unit['dimension'] {
  const definition = metricUnits.get(atom) ?? plainUnits.get(atom) ?? '';
  if (definition === '') return new Map([[atom, 1]]);
  return parseUnit(definition)?.dimension ?? new Map();
}

function add(powers: Map<string, number>, base: string, power: number): void {
  powers.set(base, (powers.get(base) ?? 0) + power);
}
