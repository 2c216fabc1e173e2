import { expect, test } from 'vitest';
import { agrees, parseUnit, type Unit } from '../../../src/model/ucum.ts';
import { metricUnits, plainUnits } from '../../../src/model/ucum-atoms.ts';
import { quantities, type Quantity } from '../../../src/model/vocabulary.ts';

function unit(text: string): Unit {
  const parsed = parseUnit(text);
  if (parsed === undefined) throw new Error(`${text} is no unit`);
  return parsed;
}

test.each([
  'V',
  'kW.h',
  'kvar.h',
  'kV.A.h',
  'm3/h',
  'W/m2',
  '%',
  '[ppm]',
  'ug/m3',
  'Cel',
  'mCel',
  'dB',
  'dB[SPL]',
  'hPa',
  'mm/h',
  'm[H2O]',
  'cm[H2O]',
  '10*3/ul',
  '/min',
  '1/min',
  'm.s-2',
  'J/(kg.K)',
  'l/(100.km)',
  '{score}',
  'm3{normal}/h',
  'Mibar',
  'deg',
])('%s is a unit', (text) => expect(parseUnit(text)).toBeDefined());

test.each([
  '',
  'kWh',
  'kwh',
  'KW.h',
  'VA',
  '°C',
  'm³',
  'm3/hr',
  'ppm',
  'min.',
  '.min',
  'm//s',
  'm/',
  '(m',
  'm)',
  'm{',
  'kh',
  'k%',
  'kkW',
  'k',
  'm0',
  '0',
  'm 3',
  'km/h ',
  '[degC]',
  '10*3.',
])('"%s" is none', (text) => expect(parseUnit(text)).toBeUndefined());

test.each([
  ['kW.h', 'W.h'],
  ['MJ', 'kW.h'],
  ['l/min', 'm3/h'],
  ['m3.h-1', 'm3/h'],
  ['mbar', 'hPa'],
  ['[psi]', 'bar'],
  ['K', 'Cel'],
  ['[degF]', 'Cel'],
  ['mA', 'A'],
  ['A.h', 'C'],
  ['Mvar.h', 'kvar.h'],
  ['V.A', 'kV.A'],
  ['km/h', 'm/s'],
  ['[ppm]', '%'],
  ['1/min', 'Hz'],
])('%s can be turned into %s', (given, wanted) => expect(agrees(unit(given), unit(wanted))).toBe(true));

test.each([
  ['W', 'W.h'],
  ['V', 'A'],
  ['var', 'W'],
  ['V.A', 'W'],
  ['W', 'V.A'],
  ['V.A', 'var'],
  ['Cel', 'K'], // a difference has no freezing point
  ['m3', 'm3/h'],
  ['ug/m3', '[ppm]'],
  ['deg', '%'],
])('%s cannot be turned into %s', (given, wanted) => expect(agrees(unit(given), unit(wanted))).toBe(false));

test('every unit of the table is made of units of the table, and of no circle', () => {
  for (const [atom, definition] of [...metricUnits, ...plainUnits]) {
    expect({ atom, made: definition === '' || parseUnit(definition) !== undefined }).toEqual({ atom, made: true });
    expect(parseUnit(atom)).toBeDefined();
  }
});

test('every unit of the vocabulary is one', () => {
  const units: readonly Quantity[] = Object.values(quantities);
  for (const { unit: text } of units) if (text !== undefined) expect([text, parseUnit(text)]).not.toContain(undefined);
});
