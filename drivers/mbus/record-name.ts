import { functions, type DataInformation, type RecordFunction } from './data-information.ts';

/** What a record holds, and which of a quantity's values that is. */
export type RecordPlace = Pick<DataInformation, 'function' | 'storage' | 'tariff' | 'subunit'> & {
  /** What the value information says, e.g. `volume` or `voltage l1`. */
  readonly name: string;
};

/** The same among all records of a device. */
export type RecordKey = RecordPlace & {
  /** Which of several records that are alike in all this, counted from 1. */
  readonly occurrence: number;
};

const FUNCTION_WORDS = {
  instantaneous: '',
  maximum: 'max',
  minimum: 'min',
  error: 'error',
} as const satisfies Record<RecordFunction, string>;

/** `volume storage 1 tariff 2`; what is 0, or the first, or as it is now, goes without saying. */
export function printRecord({ name, function: which, storage, tariff, subunit, occurrence }: RecordKey): string {
  const parts = [name];
  if (which !== 'instantaneous') parts.push(FUNCTION_WORDS[which]);
  if (storage > 0) parts.push(`storage ${storage}`);
  if (tariff > 0) parts.push(`tariff ${tariff}`);
  if (subunit > 0) parts.push(`subunit ${subunit}`);
  if (occurrence > 1) parts.push(`#${occurrence}`);
  return parts.join(' ');
}

// What ten DIFEs can say.
const MOST = { storage: 2 ** 41 - 1, tariff: 2 ** 20 - 1, subunit: 2 ** 10 - 1 } as const;

const NUMBERS = Object.keys(MOST);
const DEFAULTS = { function: 'instantaneous', storage: 0, tariff: 0, subunit: 0, occurrence: 1 } as const;

/** The record that `text` means, as `printRecord` writes it; a sentence where it means none. */
export function parseRecord(text: string): RecordKey | string {
  const words = text.trim().split(/\s+/);
  const name: string[] = [];
  let key: RecordKey = { name: '', ...DEFAULTS };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (isNumbered(word)) {
      const number = wholeNumber(words[at + 1], MOST[word]);
      if (number === undefined) return `write a whole number up to ${MOST[word]} behind ${word}`;
      key = { ...key, [word]: number };
      at += 1;
    } else if (word.startsWith('#')) {
      const occurrence = wholeNumber(word.slice(1), MOST_ALIKE);
      if (occurrence === undefined || occurrence === 0) return `${word} is no number like #2`;
      key = { ...key, occurrence };
    } else {
      const which = functions.find((each) => FUNCTION_WORDS[each] === word);
      if (which === undefined) name.push(word);
      else key = { ...key, function: which };
    }
  }
  return { ...key, name: name.join(' ') };
}

const MOST_ALIKE = 1_000;

function isNumbered(word: string): word is keyof typeof MOST {
  return NUMBERS.includes(word);
}

function wholeNumber(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,13}$/.test(text)) return undefined;
  return Number(text) <= most ? Number(text) : undefined;
}
