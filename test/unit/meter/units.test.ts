import { expect, test } from 'vitest';
import { unitOfNumber, unitOfWord } from '../../../drivers/meter/units.ts';
import { parseUnit } from '../../../src/model/ucum.ts';

test.each([
  ['kWh', 'kW.h'],
  ['KWH', 'kW.h'],
  ['MWh', 'MW.h'],
  ['mA', 'mA'],
  ['m3', 'm3'],
  ['m³', 'm3'],
  ['M3', 'm3'],
  ['m3ph', 'm3/h'],
  ['°C', 'Cel'],
  ['C', 'Cel'],
  ['kvarh', 'kvar.h'],
  ['VAr', 'var'],
  ['GJ', 'GJ'],
  ['MJ', 'MJ'],
])('%s is %s', (word, unit) => expect(unitOfWord(word)).toBe(unit));

test.each(['', 'mWh', 'm', 'constructor', 'kg?', 'toString'])('%j is not guessed at', (word) =>
  expect(unitOfWord(word)).toBe(`?${word}`),
);

test('every unit of the standard that has a word in UCUM is one', () => {
  const units = Array.from({ length: 256 }, (_, number) => unitOfNumber(number) ?? '?').filter(
    (unit) => !unit.startsWith('?'),
  );
  expect(units.length).toBeGreaterThan(40);
  for (const unit of units) expect([unit, parseUnit(unit)]).not.toContain(undefined);
  expect(unitOfNumber(30)).toBe('W.h');
  expect(unitOfNumber(255)).toBeUndefined();
});
