import { standardUnits, type EUInformation } from 'node-opcua';
import { describe, expect, test } from 'vitest';
import { uneceUnits } from '../../../src/model/unece-units.ts';

/**
 * What the Recommendation calls each code that we use. From the OPC Foundation's table of engineering units
 * (UNECE_to_OPCUA.csv); those of the last line, which it leaves out, from lists of Recommendation 20 for invoices.
 */
const names: Readonly<Record<string, string>> = {
  C62: 'one',
  WTT: 'watt', C31: 'milliwatt', KWT: 'kilowatt', MAW: 'megawatt', A90: 'gigawatt',
  WHR: 'watt hour', KWH: 'kilowatt hour', MWH: 'megawatt hour', GWH: 'gigawatt hour',
  D46: 'volt ampere', KVA: 'kilovolt ampere', MVA: 'megavolt ampere', D44: 'var', KVR: 'kilovar', MAR: 'megavar',
  VLT: 'volt', '2Z': 'millivolt', KVT: 'kilovolt', B78: 'megavolt',
  AMP: 'ampere', '4K': 'milliampere', B84: 'microampere', B22: 'kiloampere',
  AMH: 'ampere hour', E09: 'milliampere hour', TAH: 'kiloampere hour',
  OHM: 'ohm', E45: 'milliohm', B49: 'kiloohm', B75: 'megaohm', SIE: 'siemens',
  FAR: 'farad', '4O': 'microfarad', 81: 'henry', COU: 'coulomb', D33: 'tesla',
  HTZ: 'hertz', KHZ: 'kilohertz', MHZ: 'megahertz',
  CEL: 'degree Celsius', KEL: 'kelvin', FAH: 'degree Fahrenheit',
  JOU: 'joule', KJO: 'kilojoule', '3B': 'megajoule', GV: 'gigajoule', D54: 'watt per square metre',
  PAL: 'pascal', A97: 'hectopascal', KPA: 'kilopascal', MPA: 'megapascal', BAR: 'bar', MBR: 'millibar',
  ATM: 'standard atmosphere', PS: 'pound-force per square inch',
  MTQ: 'cubic metre', LTR: 'litre', MLT: 'millilitre', HLT: 'hectolitre',
  MQH: 'cubic metre per hour', G53: 'cubic metre per minute', MQS: 'cubic metre per second',
  L2: 'litre per minute', G51: 'litre per second',
  KGM: 'kilogram', GRM: 'gram', MGM: 'milligram', TNE: 'tonne', E93: 'kilogram per hour', KGS: 'kilogram per second',
  KMQ: 'kilogram per cubic metre', A93: 'gram per cubic metre', GP: 'milligram per cubic metre',
  GQ: 'microgram per cubic metre', M1: 'milligram per litre',
  MTR: 'metre', MMT: 'millimetre', CMT: 'centimetre', KMT: 'kilometre', '4H': 'micrometre', MTK: 'square metre',
  MTS: 'metre per second', KMH: 'kilometre per hour', H67: 'millimetre per hour', KNT: 'knot',
  MSK: 'metre per second squared', NEW: 'newton', B47: 'kilonewton', NU: 'newton metre', C94: 'reciprocal minute',
  DD: 'degree', C81: 'radian',
  SEC: 'second', C26: 'millisecond', B98: 'microsecond', MIN: 'minute', HUR: 'hour', DAY: 'day', WEE: 'week',
  MON: 'month', ANN: 'year',
  LUX: 'lux', LUM: 'lumen', CDL: 'candela', '2N': 'decibel', BQL: 'becquerel', A19: 'becquerel per cubic metre',
  P72: 'microsievert per hour', D10: 'siemens per metre', H61: 'millisiemens per centimetre',
  G42: 'microsiemens per centimetre', Q30: 'pH (potential of Hydrogen)', C34: 'mole',
  P1: 'percent', 59: 'part per million', 61: 'part per billion (US)', NX: 'part per thousand', AD: 'byte',
  C79: 'kilovolt ampere hour', K3: 'kilovolt ampere reactive hour', MAH: 'megavolt ampere reactive hour',
  E32: 'litre per hour', GK: 'gram per kilogram',
}; // prettier-ignore

const prefixes = { giga: 'G', mega: 'M', kilo: 'k', hecto: 'h', centi: 'c', milli: 'm', micro: 'u' } as const;

const words: Readonly<Record<string, string>> = {
  watt: 'W', 'watt hour': 'W.h', 'volt ampere': 'V.A', 'volt ampere hour': 'V.A.h', 'volt ampere reactive hour': 'var.h',
  var: 'var', volt: 'V', ampere: 'A', 'ampere hour': 'A.h', ohm: 'Ohm', siemens: 'S', farad: 'F', henry: 'H',
  coulomb: 'C', tesla: 'T', hertz: 'Hz', kelvin: 'K', joule: 'J', pascal: 'Pa', bar: 'bar', metre: 'm', litre: 'l',
  gram: 'g', tonne: 't', newton: 'N', 'newton metre': 'N.m', radian: 'rad', second: 's', minute: 'min', hour: 'h',
  day: 'd', week: 'wk', month: 'mo', year: 'a', lux: 'lx', lumen: 'lm', candela: 'cd', becquerel: 'Bq',
  sievert: 'Sv', mole: 'mol', byte: 'By', degree: 'deg', one: '1',
  'degree Celsius': 'Cel', 'degree Fahrenheit': '[degF]', knot: '[kn_i]', decibel: 'dB', 'standard atmosphere': 'atm',
  'pound-force per square inch': '[psi]', percent: '%', 'part per thousand': '[ppth]', 'part per million': '[ppm]',
  'part per billion (US)': '[ppb]', 'pH (potential of Hydrogen)': '[pH]', 'reciprocal minute': '/min',
}; // prettier-ignore

/** The unit of a name of the Recommendation, in UCUM, by the words that it is made of. */
function ucumOf(name: string): string {
  const known = words[name];
  if (known !== undefined) return known;
  const fraction = /^(.+) per (.+)$/.exec(name);
  if (fraction !== null) return `${ucumOf(fraction[1] ?? '')}/${ucumOf(fraction[2] ?? '')}`;
  const power = /^(square|cubic) (.+)$/.exec(name);
  if (power !== null) return `${ucumOf(power[2] ?? '')}${power[1] === 'square' ? 2 : 3}`;
  if (name.endsWith(' squared')) return `${ucumOf(name.slice(0, -' squared'.length))}2`;
  const prefix = Object.entries(prefixes).find(([word]) => name.startsWith(word));
  if (prefix === undefined) throw new Error(`nobody knows the unit ${name}`);
  return prefix[1] + ucumOf(name.slice(prefix[0].length));
}

describe('codes of UNECE Recommendation 20', () => {
  test.each([...uneceUnits])('%s has the code of that unit', (ucum, { code }) => {
    expect(ucumOf(names[code] ?? `without name: ${code}`)).toBe(ucum === 'L' ? 'l' : ucum);
  });

  test('are those of the OPC UA library, with the same signs', () => {
    const theirs: readonly EUInformation[] = Object.values(standardUnits);
    const ours = new Map([...uneceUnits.values()].map(({ code, symbol }) => [idOf(code), symbol]));
    const common = theirs.filter(({ unitId }) => ours.has(unitId));
    expect(common.length).toBeGreaterThan(35);
    for (const { unitId, displayName } of common) expect(ours.get(unitId)).toBe(displayName.text);
  });
});

/** OPC UA Part 8, 5.6.3: the characters of the code are the bytes of the unit's id. */
function idOf(code: string): number {
  return Buffer.from(code).reduce((id, byte) => id * 256 + byte, 0);
}
