import { describe, expect, test } from 'vitest';
import { isSame, plainValueOf, rawValueOf, type GivenValue } from '../../../src/collect/raw-value.ts';
import type { ValueType } from '../../../src/model/point.ts';
import type { Value } from '../../../src/model/reading.ts';
import { collectedPoint, type PointOptions } from '../../support/collecting.ts';

const raw = (options: PointOptions, given: GivenValue, type: ValueType): Value =>
  rawValueOf(collectedPoint('boiler', { name: 'setpoint', write: {}, ...options }), given, type);

describe('a value in the unit of its point becomes what the device must hold', () => {
  test.each<[PointOptions, ValueType, GivenValue, Value]>([
    [{ scale: 0.1 }, 'uint16', 230.1, 2301],
    [{ scale: 0.1 }, 'uint16', '230.10', 2301],
    [{ scale: 0.001 }, 'int32', -4.321, -4321],
    [{ scale: 0.1, offset: -273.15 }, 'int16', 21.95, 2951],
    [{ scale: 10 }, 'uint16', 650, 65],
    [{ scale: -0.5 }, 'int16', 7.5, -15],
    [{ scale: 1000 }, 'uint64', '18446744073709551000', 18446744073709551n],
    [{}, 'uint64', '18446744073709551615', 18446744073709551615n],
    [{}, 'int64', '-9223372036854775808', -9223372036854775808n],
    [{}, 'int16', '4e3', 4000],
    [{}, 'float32', 45.3, Math.fround(45.3)],
    [{ scale: 0.1 }, 'float32', 45.3, 453],
    [{ scale: 3 }, 'float64', 1, 1 / 3],
    [{}, 'bool', true, true],
    [{}, 'bool', 0, false],
    [{}, 'bool', 'true', true],
    [{}, 'string', 'A-12', 'A-12'],
    [{}, 'string', '45', '45'],
  ])('%o of a %s: %s is raw %s', (options, type, given, expected) => {
    expect(raw(options, given, type)).toBe(expected);
  });

  test.each<[ValueType, GivenValue, Value]>([
    ['uint16', 'on', 1],
    ['bool', 'on', true],
    ['bool', 'off', false],
    ['string', 'off', '0'],
    ['int16', 'off', 0],
  ])('of a %s, also by the name of its state: %s is raw %s', (type, given, expected) => {
    expect(raw({ definition: { states: { 0: 'off', 1: 'on' } } }, given, type)).toBe(expected);
  });
});

describe('what a rule allows is written, and nothing else', () => {
  const bounds = { write: { min: 5, max: 60, step: 0.5 }, scale: 0.1, definition: { unit: 'Cel' } };

  test.each([5, 60, 20.5, '20.50'])('%s within 5 to 60 in steps of 0.5', (given) => {
    expect(raw(bounds, given, 'int16')).toBe(Number(given) * 10);
  });

  test.each<[PointOptions, ValueType, GivenValue, string]>([
    [bounds, 'int16', 65, '65 is above 60 Cel, the most that may be written'],
    [bounds, 'int16', 4.5, '4.5 is below 5 Cel, the least that may be written'],
    [bounds, 'int16', 20.25, '20.25 is no multiple of 0.5 Cel, in whose steps it may be written'],
    [{ write: { values: [0, 1] } }, 'uint16', 2, '2 is none of 0, 1, which alone may be written'],
    [{ write: { values: ['auto'] } }, 'string', 'manual', '"manual" is none of auto, which alone may be written'],
    [{ scale: 0.1 }, 'uint16', 230.15, '230.15 lies between two values of the device: write 230.1 or 230.2'],
    [{ scale: -0.1 }, 'int16', 0.05, '0.05 lies between two values of the device: write 0 or 0.1'],
    [{}, 'uint16', 1.5, '1.5 lies between two values of the device: write 1 or 2'],
    [{ scale: 0.1 }, 'int16', 4000, '4000 is beyond what the device can hold, -3276.8 to 3276.7'],
    [{ scale: -1 }, 'uint16', 1, '1 is beyond what the device can hold, -65535 to 0'],
    [{}, 'uint16', -0.5, '-0.5 is beyond what the device can hold, 0 to 65535'],
    [{}, 'float32', 1e39, '1e+39 is beyond what a float32 can hold'],
    [{ invalid: [0x7fff], scale: 0.1 }, 'int16', 3276.7, '3276.7 is what the device means by "not available"'],
    [{}, 'uint16', 'warm', '"warm" is not a number'],
    [{}, 'uint16', true, 'true is not a number'],
    [{}, 'uint16', Number.NaN, 'NaN is not a number'],
    [{}, 'uint16', '0x10', '"0x10" is not a number'],
    [{}, 'bool', 2, '2 is neither true nor false'],
    [{}, 'string', 5, '5 is not text'],
  ])('%o of a %s refuses %s', (options, type, given, message) => {
    expect(() => raw(options, given, type)).toThrow(
      expect.objectContaining({ code: 'write-refused', message: `boiler/setpoint: ${message}` }),
    );
  });

  test('a list of values may name states, and a state of the list may be given by name', () => {
    const states = { 0: 'off', 1: 'eco', 2: 'comfort' };
    const named = { write: { values: ['off', 'eco'] }, definition: { states } };
    expect(raw(named, 'eco', 'uint16')).toBe(1);
    expect(() => raw(named, 'comfort', 'uint16')).toThrow('"comfort" is none of off, eco');
    expect(raw({ write: { values: [0, 1] }, definition: { states } }, 'eco', 'uint16')).toBe(1);
  });

  test('a point without a rule is never written, and it says which key would allow it', () => {
    const point = collectedPoint('boiler', { name: 'flow' });
    expect(() => rawValueOf(point, 1, 'int16')).toThrow(
      expect.objectContaining({
        code: 'write-refused',
        message: 'boiler/flow: must not be written: the configuration has no `write` in devices.boiler.points.flow',
      }),
    );
  });
});

test('a place that is not configured takes its raw value, of its type', () => {
  expect(plainValueOf('holding 5', '65535', 'uint16')).toBe(65_535);
  expect(() => plainValueOf('holding 5', 65_536, 'uint16')).toThrow(
    'holding 5: 65536 is beyond what the device can hold, 0 to 65535',
  );
});

describe('what was read back is the same', () => {
  test.each<[Value, Value | null, boolean]>([
    [45, 45, true],
    [45, 40, false],
    [45, null, false],
    [2n ** 60n, 2n ** 60n, true],
    [Math.fround(45.3), Math.fround(45.3), true],
    [true, true, true],
    [true, false, false],
    [1, true, false],
    ['A-12', 'A-12  ', true],
    ['A-12', 'A-13', false],
  ])('when %s was written and %s is there: %s', (written, read, expected) => {
    expect(isSame(written, read)).toBe(expected);
  });
});
