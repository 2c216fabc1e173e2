import { expect, test } from 'vitest';
import { agrees, conversion, parseUnit, type Unit } from '../../../src/model/ucum.ts';
import { metricUnits, plainUnits } from '../../../src/model/ucum-atoms.ts';
import type { Quantity } from '../../../src/model/quantity.ts';
import { quantities } from '../../../src/model/vocabulary.ts';

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

test.each([
  ['W.h', 'kW.h', 1n, 3],
  ['kW', 'W', 1_000n, 0],
  ['MW.h', 'kW.h', 1_000n, 0],
  ['m3', 'l', 1_000n, 0],
  ['l/h', 'm3/h', 1n, 3],
  ['kW.h', 'J', 3_600_000n, 0],
  ['h', 's', 3_600n, 0],
  ['m3/h', 'l/h', 1_000n, 0],
  ['mbar', 'Pa', 100n, 0],
  ['%', '1', 1n, 2],
  ['m3/min', 'm3/h', 60n, 0],
  ['kvar.h', 'var.h', 1_000n, 0],
  ['Cel', 'Cel', 1n, 0],
  ['10*3.W', 'kW', 1n, 0],
])('%s times %3$s is %s', (from, to, mantissa, places) => {
  expect(conversion(from, to)).toEqual({ mantissa, places });
});

test.each([
  ['J', 'kW.h'], // 1/3600
  ['GJ', 'kW.h'],
  ['Cel', 'K'],
  ['K', 'Cel'],
  ['W', 'var'],
  ['W', 'V.A'],
  ['W', 'kW.h'],
  ['m3/h', 'm3/d.s'],
  ['deg', 'rad'],
  ['apples', 'W'],
])('no decimal turns %s into %s', (from, to) => expect(conversion(from, to)).toBeUndefined());
