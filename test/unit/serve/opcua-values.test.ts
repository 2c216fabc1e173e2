import { StatusCodes } from 'node-opcua';
import { describe, expect, test } from 'vitest';
import { verdictOn } from '../../../drivers/opcua/quality.ts';
import { reasonNumbers, type Reason } from '../../../src/model/reading.ts';
import { decodeContinuation, encodeContinuation } from '../../../src/serve/opcua/history-point.ts';
import { FARTHEST } from '../../../src/serve/opcua/history-slices.ts';
import { nodeOf } from '../../../src/serve/opcua/nodes.ts';
import { opcuaStatusOf } from '../../../src/model/opcua-status.ts';
import { decodeValue, encodeValue } from '../../../src/serve/opcua/values.ts';
import { pointDefinition } from '../../support/journals.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

describe('a value', () => {
  test.each([
    ['int64', -1, [0xffff_ffff, 0xffff_ffff]],
    ['int64', -(2n ** 63n), [0x8000_0000, 0]],
    ['int64', 2n ** 63n - 1n, [0x7fff_ffff, 0xffff_ffff]],
    ['uint64', 2n ** 64n - 1n, [0xffff_ffff, 0xffff_ffff]],
    ['uint64', 5, [0, 5]],
    ['int16', -32_768, -32_768],
    ['float64', 2n ** 60n, 2 ** 60],
    ['float32', NaN, NaN],
    ['bool', false, false],
    ['string', 'ä', 'ä'],
  ] as const)('of type %s: %s is told as it is', (type, value, encoded) => {
    expect(encodeValue(type, value)).toEqual(encoded);
  });

  test.each([
    ['int16', 32_768],
    ['uint16', -1],
    ['uint16', 0.5],
    ['int64', 2n ** 63n],
    ['uint64', -1n],
    ['int32', 'text'],
    ['bool', 1],
    ['float64', true],
  ] as const)('that is no %s is not told: %s', (type, value) => {
    expect(encodeValue(type, value)).toBeUndefined();
  });

  test('comes back as it was told, from the limits of 64 bits too', () => {
    for (const value of [0n, -1n, -(2n ** 63n), 2n ** 63n - 1n, 12_345_678_901n]) {
      expect(decodeValue('int64', encodeValue('int64', value))).toBe(String(value));
    }
    expect(decodeValue('uint64', encodeValue('uint64', 2n ** 64n - 1n))).toBe('18446744073709551615');
  });

  test('of 32 bits is written as the decimal that somebody meant', () => {
    for (const value of [0.1, 45.3, -20.5, 123_456.7, 1e-7, 3e38]) {
      expect(decodeValue('float32', Math.fround(value))).toBe(value);
    }
  });

  test.each([
    ['float64', NaN],
    ['float64', '1'],
    ['bool', 1],
    ['int64', [1, 2, 3]],
    ['int64', 5],
    ['string', 5],
  ] as const)('that is no %s is not written: %s', (type, value) => {
    expect(decodeValue(type, value)).toBeUndefined();
  });
});

describe('a continuation point', () => {
  const after = { time: 1_790_000_000_000.5, sequence: 123_456_789_012 };
  const request = { newestFirst: true, after, until: -Infinity, most: 2_000, width: 3_600_000 };

  test('holds all of the request', () => {
    expect(decodeContinuation(encodeContinuation(request))).toEqual(request);
  });

  test('that is damaged is none, or a request within the same bounds', () => {
    const random = randomNumbers(11);
    const whole = encodeContinuation(request);
    for (let round = 0; round < 20_000; round += 1) {
      const damaged = Buffer.from(whole);
      damaged[random.below(damaged.length)] = random.below(256);
      const decoded = decodeContinuation(damaged);
      if (decoded === undefined) continue;
      expect(decoded.most).toBeGreaterThan(0);
      expect(Math.abs(decoded.after.time)).toBeLessThanOrEqual(FARTHEST);
      expect(decoded.width > 0 && Number.isFinite(decoded.width)).toBe(true);
    }
    expect(decodeContinuation(whole.subarray(1))).toBeUndefined();
  });
});

describe('a status code', () => {
  test('says why a reading is not good', () => {
    expect(opcuaStatusOf({ quality: 'good', reason: 'historical' }).symbol).toBe('Good');
    expect(opcuaStatusOf({ quality: 'bad', reason: 'no-answer' }).symbol).toBe('BadTimeout');
    expect(opcuaStatusOf({ quality: 'bad' }).symbol).toBe('Bad');
    expect(opcuaStatusOf({ quality: 'uncertain', reason: 'out-of-range' }).symbol).toBe(
      'UncertainEngineeringUnitsExceeded',
    );
    expect(opcuaStatusOf({ quality: 'uncertain', reason: 'time' }).symbol).toBe('Uncertain');
  });
});

test.each(Object.keys(reasonNumbers) as Reason[])(
  'the code of %s is the one of its name, and our client reads its quality',
  (reason) => {
    for (const quality of ['uncertain', 'bad'] as const) {
      const { code, symbol } = opcuaStatusOf({ quality, reason });
      expect(StatusCodes[symbol].value, symbol).toBe(code);
      expect(verdictOn(code).quality).toBe(quality);
    }
  },
);

describe('the node of a point', () => {
  const processing = { min: undefined, max: undefined };

  test('names quantity and OBIS code, and keeps the range of what may be written', () => {
    const definition = pointDefinition('energy', {
      quantity: 'active-energy-import',
      obis: '1-0:1.8.0',
      unit: 'kW.h',
      write: { min: 0, max: 10 },
    });
    expect(nodeOf({ number: 1, definition, processing })).toMatchObject({
      id: 'meter/energy',
      description: 'Active import (1-0:1.8.0)',
      type: 'AnalogItemType',
      writable: true,
      range: { low: 0, high: 10 },
      unit: { unitId: 0x4b5748, symbol: 'kW·h' },
    });
  });

  test.each([
    ['uint16', { 0: 'off', 1: 'on' }, 'MultiStateDiscreteType', { kind: 'indexed', names: ['off', 'on'] }],
    ['int16', { 0: 'off', 1: 'on' }, 'MultiStateValueDiscreteType', { kind: 'valued' }],
    [
      'uint16',
      { 3: 'on', 1: 'off' },
      'MultiStateValueDiscreteType',
      {
        kind: 'valued',
        values: [
          [1, 'off'],
          [3, 'on'],
        ],
      },
    ],
    ['bool', { 1: 'open' }, 'TwoStateDiscreteType', { kind: 'two', no: 'false', yes: 'open' }],
    ['float64', { 0: 'off' }, 'DataItemType', undefined],
    ['string', { a: 'b' }, 'DataItemType', undefined],
  ] as const)('of type %s with labels %j is a %s', (type, states, nodeType, expected) => {
    const node = nodeOf({ number: 1, definition: pointDefinition('mode', { type, states }), processing });
    expect(node.type).toBe(nodeType);
    if (expected === undefined) expect(node.states).toBeUndefined();
    else expect(node.states).toMatchObject(expected);
  });
});
