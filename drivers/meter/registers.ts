import { parseDecimal, type Decimal } from '../../src/model/decimal.ts';
import { meaningOf } from '../../src/model/obis-meaning.ts';
import { formatObis, parseObis, type Obis } from '../../src/model/obis.ts';
import { parseQuantified } from './data-lines.ts';
import { isCoded } from './point-schema.ts';
import { unitOfWord } from './units.ts';
import type { MeterContent } from './value.ts';

/** What an address of a data line stands for. */
export type Register = {
  /** The OBIS code in full, else the address as the meter writes it. */
  readonly register: string;
  readonly obis: Obis | undefined;
  /** A value without a unit is a number none the less. */
  readonly isNumber: boolean;
};

const MOST_REMEMBERED = 2_000; // more than any meter has registers

/** Makes registers of addresses, and remembers them: a meter sends the same ones again and again. */
export class Registers {
  readonly #known = new Map<string, Register>();
  readonly #units = new Map<string, string>();

  register(address: string): Register {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const obis = parseObis(address);
    const kind = obis === undefined ? undefined : meaningOf(obis)?.kind;
    const isNumber = obis !== undefined && kind !== undefined && kind !== 'text' && !isCoded(obis);
    const register = { register: obis === undefined ? address : formatObis(obis), obis, isNumber };
    if (this.#known.size < MOST_REMEMBERED) this.#known.set(address, register);
    return register;
  }

  /** What a value is: a number where it has a unit, or where its register holds one. */
  content(value: string, { isNumber }: Register): MeterContent {
    const quantified = parseQuantified(value);
    if (quantified !== undefined) {
      return numberContent(quantified.number, this.#unit(quantified.unit)) ?? { kind: 'text', text: value };
    }
    if (isNumber && value === '') return { kind: 'none', reason: 'not-available' };
    return (isNumber ? numberContent(value, undefined) : undefined) ?? { kind: 'text', text: value };
  }

  #unit(word: string): string {
    const known = this.#units.get(word);
    if (known !== undefined) return known;
    const unit = unitOfWord(word);
    if (this.#units.size < MOST_REMEMBERED) this.#units.set(word, unit);
    return unit;
  }
}

function numberContent(text: string, unit: string | undefined): MeterContent | undefined {
  const decimal: Decimal | undefined = parseDecimal(text);
  return decimal === undefined ? undefined : { kind: 'number', decimal, unit };
}
