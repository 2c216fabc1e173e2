/** The four tables of a Modbus device; the first two hold bits, the others 16-bit registers. */
export const tables = ['coil', 'discrete', 'input', 'holding'] as const;
export type Table = (typeof tables)[number];

/** Bytes as sent, A being the most significant; 64-bit values by the same pattern: ABCDEFGH, GHEFCDAB, BADCFEHG, HGFEDCBA. */
export const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type Order = (typeof orders)[number];

/** Registers that a value of each type takes. */
const WORDS = {
  bool: 1,
  int16: 1,
  uint16: 1,
  bcd16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  bcd32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
} as const satisfies Record<string, number>;
export type ScalarName = keyof typeof WORDS;

/** What registers mean. `words` counts registers; bit 0 of `bits` is the least significant of its register. */
export type RegisterType = { readonly words: number } & (
  | { readonly name: ScalarName }
  | { readonly name: 'string'; readonly characters: number }
  | { readonly name: 'bits'; readonly first: number; readonly last: number }
  | { readonly name: 'network'; readonly form: NetworkForm }
);

/** Addresses of networks, which only devices that describe themselves have. */
export type NetworkForm = 'ipv4' | 'ipv6' | 'eui48';

/** Where a value begins, as the configuration writes it: the device's `base` is still to be taken off. */
export type Location = { readonly table: Table; readonly address: number };

export const HIGHEST_ADDRESS = 65_535; // addresses have 16 bits
const LONGEST_STRING = 250; // 125 registers: what one answer can hold

export const BOOL: RegisterType = { name: 'bool', words: 1 };

/** Coils and discrete inputs hold bits, the other tables registers. */
export function holdsBits(table: Table): boolean {
  return table === 'coil' || table === 'discrete';
}

/** Reads `holding 100` or `input 0x10`; answers with a sentence where it cannot. */
export function parseLocation(text: string): Location | string {
  const [, name, digits = ''] = /^(\w+)\s+(0x[0-9a-f]+|\d+)$/i.exec(text.trim()) ?? [];
  const table = tables.find((known) => known === name?.toLowerCase());
  if (table === undefined) {
    return `"${text}" is no address: write coil, discrete, input or holding and a number, e.g. "holding 100" or "input 0x10"`;
  }
  const address = Number(digits);
  if (address > HIGHEST_ADDRESS) return `${digits} is above ${HIGHEST_ADDRESS} (Modbus addresses have 16 bits)`;
  return { table, address };
}

/** Reads `uint16`, `string(16)` or `bits(0..3)`; answers with a sentence where it cannot. */
export function parseType(text: string): RegisterType | string {
  const name = text.trim();
  if (isScalar(name)) return { name, words: WORDS[name] };
  const string = /^string\((\d{1,5})\)$/.exec(name);
  if (string !== null) return stringType(Number(string[1]));
  const bits = /^bits\((\d{1,5})\.\.(\d{1,5})\)$/.exec(name);
  if (bits !== null) return bitsType(Number(bits[1]), Number(bits[2]));
  return `"${text}" is no type: known are ${Object.keys(WORDS).join(', ')}, string(n) with n characters, bits(a..b)`;
}

function isScalar(name: string): name is ScalarName {
  return Object.hasOwn(WORDS, name);
}

function stringType(characters: number): RegisterType | string {
  if (characters < 1 || characters > LONGEST_STRING) {
    return `string(${characters}): one answer holds 1 to ${LONGEST_STRING} characters`;
  }
  return { name: 'string', characters, words: Math.ceil(characters / 2) };
}

function bitsType(first: number, last: number): RegisterType | string {
  if (first > last || last > 15) return `bits(${first}..${last}): a register has bits 0..15, the lower one first`;
  return { name: 'bits', first, last, words: 1 };
}

/** `float32`, `string(16)` or `bits(0..3)`, as `parseType` reads it. */
export function printType(type: RegisterType): string {
  if (type.name === 'string') return `string(${type.characters})`;
  return type.name === 'bits' ? `bits(${type.first}..${type.last})` : type.name;
}
