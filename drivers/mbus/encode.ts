import { EXTENSION } from './data-information.ts';
import { MANUFACTURER, PREFIXES, readValueInformation } from './value-information.ts';
import { qualifierCodes } from './qualifiers.ts';
import { tables, type Meaning } from './quantity-tables.ts';

/** A value information block, and what it makes of the number behind it. */
export type EncodedMeaning = { readonly bytes: Buffer; readonly meaning: Meaning };

/** A code for a quantity: of several, that whose numbers come closest to hundredths of the unit. */
const WANTED_EXPONENT = -2;

/** The block that a record of this name has; undefined where there is none, or only the manufacturer knows it. */
export function encodeName(name: string): EncodedMeaning | undefined {
  const [base = '', ...qualifiers] = name.split(' ');
  const codes = baseCodes(base);
  const more = codesOfQualifiers(qualifiers);
  if (codes === undefined || more === undefined) return undefined;
  const all = [...codes, ...more];
  const bytes = Buffer.from(all.map((code, at) => (at < all.length - 1 ? code | EXTENSION : code)));
  const read = readValueInformation(bytes, 0);
  return typeof read === 'string' || read.fault !== undefined ? undefined : { bytes, meaning: read.meaning };
}

function baseCodes(base: string): readonly number[] | undefined {
  if (base === 'manufacturer') return [MANUFACTURER];
  const [, table, digits] = /^vif-(?:(fd|fb)-)?([0-9a-f]{2})$/.exec(base) ?? [];
  if (digits !== undefined) return [...prefixOf(table ?? 'primary'), Number.parseInt(digits, 16)];
  const found = Object.entries(tables).flatMap(([name, codes]) =>
    [...codes].flatMap(([code, meaning]) => (meaning.name === base ? [{ name, code, meaning }] : [])),
  );
  const [best] = found.toSorted((a, b) => distance(a.meaning) - distance(b.meaning));
  return best === undefined ? undefined : [...prefixOf(best.name), best.code];
}

function prefixOf(table: string): readonly number[] {
  return table === 'fd' || table === 'fb' ? [PREFIXES[table]] : [];
}

// A unit of another system, or another length of time, is no better for its numbers.
const PER_MULTIPLIER = 100;

function distance({ exponent, multiplier }: Meaning): number {
  return Math.abs(exponent - WANTED_EXPONENT) + (multiplier === 1 ? 0 : PER_MULTIPLIER);
}

/** Qualifiers of the standard, then `manufacturer 01-02` at the end. */
function codesOfQualifiers(words: readonly string[]): readonly number[] | undefined {
  const codes: number[] = [];
  for (const [at, word] of words.entries()) {
    if (word === 'manufacturer') return [...codes, MANUFACTURER, ...hexCodes(words[at + 1] ?? '')];
    if (at === 0 && /^[0-9a-f]{2}(-[0-9a-f]{2})*$/.test(word)) return hexCodes(word);
    const found = qualifierCodes(word);
    if (found === undefined) return undefined;
    codes.push(...found);
  }
  return codes;
}

function hexCodes(word: string): readonly number[] {
  return word === '' ? [] : word.split('-').map((digits) => Number.parseInt(digits, 16));
}
