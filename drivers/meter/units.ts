/**
 * What meters write behind a value, in small letters and without what they decorate it with, and what UCUM calls it. The
 * size of the letters tells nothing among meters (`KWH`, `kwh`) but for the one that is treated below.
 */
const WORDS: Readonly<Record<string, string>> = {
  wh: 'W.h',
  kwh: 'kW.h',
  gwh: 'GW.h',
  w: 'W',
  kw: 'kW',
  var: 'var',
  kvar: 'kvar',
  varh: 'var.h',
  kvarh: 'kvar.h',
  va: 'V.A',
  kva: 'kV.A',
  vah: 'V.A.h',
  kvah: 'kV.A.h',
  v: 'V',
  kv: 'kV',
  a: 'A',
  ka: 'kA',
  hz: 'Hz',
  j: 'J',
  kj: 'kJ',
  gj: 'GJ',
  m3: 'm3',
  m3h: 'm3/h',
  m3ph: 'm3/h',
  'm3/h': 'm3/h',
  l: 'l',
  lph: 'l/h',
  'l/h': 'l/h',
  c: 'Cel',
  k: 'K',
  s: 's',
  min: 'min',
  h: 'h',
  d: 'd',
  bar: 'bar',
  '%': '%',
  deg: 'deg',
};

// A million or a thousandth: what a meter counts in megawatt-hours is none that counts in milliwatt-hours.
const MEGA: Readonly<Record<string, string>> = {
  wh: 'MW.h',
  w: 'MW',
  var: 'Mvar',
  varh: 'Mvar.h',
  va: 'MV.A',
  vah: 'MV.A.h',
  j: 'MJ',
};
const MILLI: Readonly<Record<string, string>> = { a: 'mA', v: 'mV', bar: 'mbar', s: 'ms' };

/** The UCUM unit that a meter means by what it writes, e.g. `kWh`; `?apples` where it is not known, and so converts to nothing. */
export function unitOfWord(word: string): string {
  return knownWord(word) ?? `?${word}`;
}

function knownWord(word: string): string | undefined {
  const plain = word.trim().replaceAll('°', '').replaceAll('³', '3').replaceAll('^', '');
  const small = plain.toLowerCase();
  const known = own(WORDS, small);
  if (known !== undefined) return known;
  if (plain.startsWith('M')) return own(MEGA, small.slice(1));
  return plain.startsWith('m') ? own(MILLI, small.slice(1)) : undefined;
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** IEC 62056-62, table of physical units, by the number that SML and DLMS carry; those without a unit have none. */
const ENUMERATED: Readonly<Record<number, string>> = {
  1: 'a',
  2: 'mo',
  3: 'wk',
  4: 'd',
  5: 'h',
  6: 'min',
  7: 's',
  8: 'deg',
  9: 'Cel',
  11: 'm',
  12: 'm/s',
  13: 'm3',
  14: 'm3', // corrected
  15: 'm3/h',
  16: 'm3/h', // corrected
  17: 'm3/d',
  18: 'm3/d', // corrected
  19: 'l',
  20: 'kg',
  21: 'N',
  22: 'N.m',
  23: 'Pa',
  24: 'bar',
  25: 'J',
  26: 'J/h',
  27: 'W',
  28: 'V.A',
  29: 'var',
  30: 'W.h',
  31: 'V.A.h',
  32: 'var.h',
  33: 'A',
  34: 'C',
  35: 'V',
  36: 'V/m',
  37: 'F',
  38: 'Ohm',
  40: 'Wb',
  41: 'T',
  42: 'A/m',
  43: 'H',
  44: 'Hz',
  45: '/W.h',
  46: '/var.h',
  47: '/V.A.h',
  50: 'kg/s',
  51: 'S',
  52: 'K',
  56: '%',
  57: 'A.h',
  60: 'g/m3',
};

const COUNT = 255;

/** The UCUM unit of a number of the standard's table; undefined for a count, `?10` for what the table leaves open. */
export function unitOfNumber(number: number): string | undefined {
  return number === COUNT ? undefined : (ENUMERATED[number] ?? `?${number}`);
}
