import { describe, expect, test } from 'vitest';
import type { Selection } from '../../../src/config/configuration.ts';
import { catalogueOf } from '../../../src/forward/catalogue.ts';
import { isSelected } from '../../../src/config/selection.ts';
import { clientIdOf, topicOf } from '../../../src/forward/topic.ts';
import type { PointDefinition } from '../../../src/model/point.ts';

const power: PointDefinition = {
  id: 'main-meter/power',
  device: 'main-meter',
  name: 'power',
  type: 'float32',
  kind: 'gauge',
  class: 'normal',
  unit: 'W',
  domain: 'energy',
  labels: { city: 'geneva', floor: '2' },
};
const { domain: _, ...homeless } = power;

test.each<[string, Selection, PointDefinition, boolean]>([
  ['everything', {}, power, true],
  ['its domain', { domain: ['water', 'energy'] }, power, true],
  ['another domain', { domain: ['water'] }, power, false],
  ['a domain, when it has none', { domain: ['energy'] }, homeless, false],
  ['its device', { device: ['main-meter'] }, power, true],
  ['its id', { point: ['main-meter/power'] }, power, true],
  ['another id', { point: ['main-meter/energy'] }, power, false],
  ['another class', { class: ['alarm'] }, power, false],
  ['one of several values of a label', { label: { city: ['basel', 'geneva'] } }, power, true],
  ['a label that it does not have', { label: { district: ['harbour'] } }, power, false],
  ['two labels, of which one differs', { label: { city: ['geneva'], floor: ['1'] } }, power, false],
  ['a domain and a device, of which one differs', { domain: ['energy'], device: ['boiler'] }, power, false],
])('a point is selected by %s: %o', (_name, selection, point, expected) => {
  expect(isSelected(selection, point)).toBe(expected);
});

describe('the catalogue', () => {
  const older = { ...power, unit: 'kW' };
  const points = new Map([
    [1, older],
    [2, power],
  ]);

  test('shows one definition a point, that of today', () => {
    expect(catalogueOf(points, [2], {}).points).toEqual([{ number: 2, definition: power }]);
    expect(catalogueOf(points, [1], {}).points).toEqual([{ number: 1, definition: older }]);
  });

  test('knows the unit of readings from before the definition changed', () => {
    const { lookup } = catalogueOf(points, [2], {});
    expect(lookup(1)).toEqual({ number: 2, definition: power, formerUnit: 'kW' });
    expect(lookup(2)).toEqual({ number: 2, definition: power, formerUnit: undefined });
  });

  test('keeps points that are no longer configured: their readings may still be on the way', () => {
    expect(catalogueOf(points, [], {}).points).toEqual([{ number: 2, definition: power }]);
  });

  test('leaves out what is not selected', () => {
    const { points: shown, lookup } = catalogueOf(points, [2], { domain: ['water'] });
    expect(shown).toEqual([]);
    expect(lookup(2)).toBeNull();
  });

  test('refuses a number that the journal never gave', () => {
    expect(() => catalogueOf(points, [2], {}).lookup(3)).toThrow('never interned');
  });
});

test('topics and client ids follow from the names', () => {
  expect(topicOf('harbour-07', 'live')).toBe('weir/1/harbour-07/live');
  expect(clientIdOf('harbour-07', 'centre')).toBe('weir-harbour-07-centre');
});

test('a client id that would be too long is cut, and still different for different names', () => {
  const ids = ['a', 'b'].map((end) => clientIdOf('g'.repeat(64), 'd'.repeat(63) + end));
  expect(ids.map((id) => id.length)).toEqual([65, 65]);
  expect(new Set(ids).size).toBe(2);
});
