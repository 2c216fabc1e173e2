import type { Reason } from '../../src/model/reading.ts';
import { EXTENSION } from './data-information.ts';
import { FURTHER, hexByte, qualify, qualifyFurther, type Qualified } from './qualifiers.ts';
import { tables, type Meaning } from './quantity-tables.ts';

/** The value information block: what a value is, and the reason where the meter says that it has none. */
export type ValueInformation = { readonly meaning: Meaning; readonly fault?: Reason; readonly end: number };

// EN 13757-3, 6.4: so many extensions follow at most.
const MOST_EXTENSIONS = 10;

const PLAIN_TEXT = 0x7c;
export const MANUFACTURER = 0x7f;
const ANY = 0x7e;
const CODE = 0x7f;

/** Codes that say in which table the next byte is to be looked up. */
export const PREFIXES = { fd: 0x7d, fb: 0x7b } as const;
const TABLES = { [PREFIXES.fd]: 'fd', [PREFIXES.fb]: 'fb' } as const;

function isTable(code: number): code is keyof typeof TABLES {
  return Object.hasOwn(TABLES, code);
}

function unknown(name: string): Meaning {
  return { name, content: 'number', exponent: 0, multiplier: 1 };
}

/** A base and how many extensions belong to it; `text` bytes of a plain text unit lie between the two. */
type Base = { readonly meaning: Meaning; readonly end: number; readonly extensions: number };

/** The information that begins at `start`, or what is wrong with it. */
export function readValueInformation(bytes: Buffer, start: number): ValueInformation | string {
  const vif = bytes[start];
  if (vif === undefined) return 'it ends before a VIF';
  const base = (vif & CODE) === PLAIN_TEXT ? readPlainText(bytes, start) : readBase(bytes, start, vif);
  if (typeof base === 'string') return base;
  const last = extensionsEnd(bytes, start, vif, base);
  if (typeof last === 'string') return last;
  const codes = bytes.subarray(base.end, last);
  if ((vif & CODE) === MANUFACTURER) return { meaning: manufacturers(base.meaning, codes), end: last };
  const qualified = qualifiedBy(base.meaning, codes);
  return { ...qualified, end: last };
}

function readBase(bytes: Buffer, start: number, vif: number): Base | string {
  const code = vif & CODE;
  const hasMore = (vif & EXTENSION) !== 0;
  if (hasMore && isTable(code)) {
    const extension = bytes[start + 1];
    if (extension === undefined) return 'it ends within a VIF';
    const table = TABLES[code];
    const meaning = tables[table].get(extension & CODE);
    const name = `vif-${table}-${hexByte(extension & CODE)}`;
    return { meaning: meaning ?? unknown(name), end: start + 2, extensions: 1 };
  }
  if (code === MANUFACTURER) return { meaning: unknown('manufacturer'), end: start + 1, extensions: 0 };
  if (code === ANY) return { meaning: unknown('any'), end: start + 1, extensions: 0 };
  const meaning = tables.primary.get(code) ?? unknown(`vif-${hexByte(code)}`);
  return { meaning, end: start + 1, extensions: 0 };
}

/** EN 13757-3, 6.4.3: the unit as text, its last character first; extensions follow behind it. */
function readPlainText(bytes: Buffer, start: number): Base | string {
  const length = bytes[start + 1];
  const end = start + 2 + (length ?? 0);
  if (length === undefined || end > bytes.length) return 'it ends within the text of a VIF';
  const text = reversedText(bytes.subarray(start + 2, end));
  return { meaning: unknown(`plain-text ${nameOfText(text)}`), end, extensions: 0 };
}

/** Text as meters send it: Latin-1, the last character first. */
export function reversedText(bytes: Buffer): string {
  return Buffer.from(bytes).reverse().toString('latin1');
}

/** A unit as one word of a record's name. */
function nameOfText(text: string): string {
  return text.trim().replace(/[\s#]+|\p{Cc}/gu, '_') || '_';
}

/** Where the extensions end: each but the last says that another follows. */
function extensionsEnd(bytes: Buffer, start: number, vif: number, base: Base): number | string {
  const before = base.extensions === 0 ? vif : (bytes[start + 1] ?? 0);
  let at = base.end;
  let hasMore = (before & EXTENSION) !== 0;
  for (let count = base.extensions; hasMore; count++) {
    const code = bytes[at];
    if (code === undefined) return 'it ends within a VIF';
    if (count === MOST_EXTENSIONS) return `more than ${MOST_EXTENSIONS} VIFEs follow a VIF`;
    hasMore = (code & EXTENSION) !== 0;
    at += 1;
  }
  return at;
}

function qualifiedBy(base: Meaning, codes: Buffer): Qualified {
  let meaning = base;
  let fault: Reason | undefined;
  for (let at = 0; at < codes.length; at++) {
    const code = (codes[at] ?? 0) & CODE;
    // EN 13757-3, 6.4.6: all that follows is the manufacturer's own.
    if (code === MANUFACTURER) {
      meaning = manufacturers({ ...meaning, name: `${meaning.name} manufacturer` }, codes.subarray(at + 1));
      break;
    }
    const isFurther = code === FURTHER && at + 1 < codes.length;
    if (isFurther) at += 1;
    const change = isFurther ? qualifyFurther(meaning, (codes[at] ?? 0) & CODE) : qualify(meaning, code);
    meaning = change.meaning;
    fault ??= change.fault;
  }
  return { meaning, ...(fault !== undefined && { fault }) };
}

/** What only the manufacturer knows is told apart by its codes. */
function manufacturers(meaning: Meaning, codes: Buffer): Meaning {
  const own = [...codes].map((code) => hexByte(code & CODE));
  return own.length === 0 ? meaning : { ...meaning, name: `${meaning.name} ${own.join('-')}` };
}
