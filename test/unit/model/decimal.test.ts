import { describe, expect, test } from 'vitest';
import {
  compareDecimals,
  decimalOf,
  isMultiple,
  narrow,
  parseDecimal,
  roundDecimals,
  scaling,
  unscale,
} from '../../../src/model/decimal.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

/** What `scaling` must answer, worked out the slow way: decimal texts to fractions of bigints, rounded once by Number(). */
function byHand(raw: bigint, factor: string, offset: string): number | bigint {
  const [scale, shift] = [fractionOf(factor), fractionOf(offset)];
  const numerator = raw * scale.numerator * shift.unit + shift.numerator * scale.unit;
  const unit = scale.unit * shift.unit;
  const places = String(unit).length - 1;
  if (scale.unit === 1n && shift.unit === 1n) return isSafe(numerator) ? Number(numerator) : numerator;
  return Number(`${numerator}e-${places}`) + 0;
}

function fractionOf(text: string): { numerator: bigint; unit: bigint } {
  const [whole = '', fraction = ''] = text.split('.');
  return { numerator: BigInt(whole + fraction), unit: 10n ** BigInt(fraction.length) };
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}

const factors = [
  '1', '-1', '10', '3600', '0.1', '-0.1', '0.01', '0.001', '0.000001', '0.000000001', '1.6', '0.25', '2.5', '0.0625',
  '277.777777777778', '0.3048', '-12.5', '0.12345678901234568', '1000000000000', '0.0000000000000000000000001',
]; // prettier-ignore
const offsets = [
  '0',
  '-273.15',
  '32',
  '0.5',
  '-40',
  '0.0001',
  '9007199254740991',
  '-9007199254740991',
  '0.1234567890123',
];

const edges = [0n, 1n, -1n, 2301n, 65_535n, -32_768n, 2n ** 32n - 1n, -(2n ** 31n)].concat(
  [2n ** 53n, 2n ** 63n, 2n ** 64n - 1n].flatMap((edge) => [edge - 1n, edge, edge + 1n, -edge, 1n - edge, -1n - edge]),
);

describe('scaling', () => {
  test('integers of every width come out as the double nearest to the exact decimal result', () => {
    const random = randomNumbers(1);
    const raws = [...edges, ...Array.from({ length: 400 }, () => random.integer(random.below(64) + 1))];
    for (const factor of factors) {
      for (const offset of offsets) {
        const scale = scaling(Number(factor), Number(offset));
        for (const raw of raws) {
          const expected = byHand(raw, factor, offset);
          if (scale(raw) !== expected || scale(narrow(raw)) !== expected) {
            expect.fail(
              `${raw} × ${factor} + ${offset}: expected ${expected}, got ${scale(raw)} and ${scale(narrow(raw))}`,
            );
          }
        }
      }
    }
  });

  test.each([
    [2301, 0.1, 0, 230.1],
    [-1, 0.1, 0, -0.1],
    [29_815, 0.01, -273.15, 25],
    [3, 1.6, 0, 4.8],
    [7, 3600, 0, 25_200],
    [123_456_789, 1e-9, 0, 0.123456789],
    [1_234_567_890_123_456_789n, 0.001, 0, 1_234_567_890_123_456.8],
    [18_446_744_073_709_551_615n, 1, 0, 18_446_744_073_709_551_615n],
    [9_007_199_254_740_993n, 10, 1, 90_071_992_547_409_931n],
    [5, 1e-300, 0, 5e-300],
    [5, 1e30, 0, 5n * 10n ** 30n],
  ])('%s × %s + %s is %s', (raw, factor, offset, expected) => {
    expect(scaling(factor, offset)(raw)).toBe(expected);
  });

  test('a fractional factor gives numbers throughout, however the digits fall', () => {
    const scale = scaling(0.1, 0);
    expect(scale(18_446_744_073_709_551_610n)).toBe(2 ** 64 / 10);
    expect(scale(18_446_744_073_709_551_615n)).toBe(2 ** 64 / 10);
  });

  test('floats stay floats: whole, huge, tiny and not finite', () => {
    expect(scaling(0.1, 0)(0.45)).toBe(0.045);
    expect(scaling(2, 1)(0.5)).toBe(2);
    expect(scaling(1, -273.15)(1e300)).toBe(1e300);
    expect(scaling(1.5, 0)(1e308)).toBe(1.5e308);
    expect(scaling(2, 0)(5e-324)).toBe(1e-323);
    expect(scaling(0.1, 0)(Number.NaN)).toBeNaN();
    expect(scaling(-0.1, 5)(Number.POSITIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('there is no minus zero', () => {
    for (const scale of [scaling(-1, 0), scaling(-0.1, 0), scaling(-1e-30, 0)]) {
      for (const zero of [0, -0, 0n]) expect(scale(zero)).toBe(0);
    }
  });

  test('a factor that is no number is refused when the point is set up, not when it is read', () => {
    expect(() => scaling(Number.NaN, 0)).toThrow(new RangeError('NaN is no decimal number'));
    expect(() => scaling(1, Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe('decimalOf', () => {
  test.each([
    [0, 0n, 0],
    [-0, 0n, 0],
    [0.1, 1n, 1],
    [-273.15, -27_315n, 2],
    [-0.05, -5n, 2],
    [1e-9, 1n, 9],
    [1.5e-7, 15n, 8],
    [3600, 3600n, 0],
    [1e21, 10n ** 21n, 0],
    [1.2345e30, 12_345n * 10n ** 26n, 0],
    [0.12345678901234568, 12_345_678_901_234_568n, 17],
    [5e-324, 5n, 324],
  ])('%s is written %s / 10^%s', (value, mantissa, places) => {
    expect(decimalOf(value)).toEqual({ mantissa, places });
  });

  test('every double comes back from its decimal', () => {
    const random = randomNumbers(2);
    for (let round = 0; round < 10_000; round += 1) {
      const value = random.float64();
      const { mantissa, places } = decimalOf(value);
      expect(Number(`${mantissa}e-${places}`) - value).toBe(0);
    }
  });
});

describe('narrow', () => {
  test.each([
    [0n, 0],
    [9_007_199_254_740_991n, 9_007_199_254_740_991],
    [-9_007_199_254_740_991n, -9_007_199_254_740_991],
    [9_007_199_254_740_992n, 9_007_199_254_740_992n],
    [9_007_199_254_740_993n, 9_007_199_254_740_993n],
    [-(2n ** 63n), -(2n ** 63n)],
  ])('%s becomes %s', (integer, expected) => {
    expect(narrow(integer)).toBe(expected);
  });
});

/** Half away from zero on the digits that a person sees. */
function roundByHand(text: string, places: number): number {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const kept = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n;
  return (text.startsWith('-') ? -1 : 1) * Number(`${kept + up}e-${places}`) + 0;
}

describe('roundDecimals', () => {
  test('rounds what is printed, half away from zero', () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 20_000; round += 1) {
      const digits = 10 ** random.below(7);
      const value = Number(random.integer(40)) / digits;
      const places = random.below(6);
      if (roundDecimals(value, places) !== roundByHand(String(value), places)) {
        expect.fail(`${value} to ${places} places: got ${roundDecimals(value, places)}`);
      }
    }
  });

  test.each([
    [1.005, 2, 1.01],
    [-1.005, 2, -1.01],
    [0.5, 0, 1],
    [0.49999999999999994, 0, 0],
    [230.14999, 1, 230.1],
    [-0.04, 1, 0],
    [-0, 3, 0],
    [1e-7, 3, 0],
    [1.5e-7, 7, 2e-7],
    [5e-324, 10, 0],
    [1e19, 2, 1e19],
    [1.234e21, 2, 1.234e21],
    [-1.7976931348623157e308, 6, -1.7976931348623157e308],
    [4_503_599_627_370_495.5, 0, 4_503_599_627_370_496],
  ])('%s to %s places is %s', (value, places, expected) => {
    expect(roundDecimals(value, places)).toBe(expected);
  });

  test('what is no finite number passes as it is', () => {
    expect(roundDecimals(Number.NaN, 2)).toBeNaN();
    expect(roundDecimals(Number.NEGATIVE_INFINITY, 2)).toBe(Number.NEGATIVE_INFINITY);
  });
});

const decimal = (text: string) => parseDecimal(text) ?? decimalOf(0);

describe('unscaling undoes scaling', () => {
  test('for every factor and offset, and raw values small and large', () => {
    const random = randomNumbers(11);
    for (const factor of [0.1, 0.001, 1, 10, 0.25, -0.5, 1.6, 277.777777777778]) {
      for (const offset of [0, -273.15, 32, 0.0001]) {
        for (let count = 0; count < 200; count++) {
          const raw = random.below(2 ** 32) - 2 ** 31;
          const value = scaling(factor, offset)(raw);
          const { below, above } = unscale(decimalOf(Number(value)), factor, offset);
          if (Number(scaling(factor, offset)(Number(below))) === value) expect(Number(below)).toBe(raw);
          else expect(Number(above), `${raw} × ${factor} + ${offset}`).toBe(raw);
        }
      }
    }
  });

  test.each([
    { text: '230.15', factor: 0.1, offset: 0, unscaled: { below: 2301n, above: 2302n, nearest: 2301.5 } },
    { text: '-230.15', factor: 0.1, offset: 0, unscaled: { below: -2302n, above: -2301n, nearest: -2301.5 } },
    { text: '0.05', factor: -0.1, offset: 0, unscaled: { below: -1n, above: 0n, nearest: -0.5 } },
    { text: '21.95', factor: 0.1, offset: -273.15, unscaled: { below: 2951n, above: 2951n, nearest: 2951 } },
    {
      text: `${2n ** 64n - 1n}`,
      factor: 1,
      offset: 0,
      unscaled: { below: 2n ** 64n - 1n, above: 2n ** 64n - 1n, nearest: 2 ** 64 },
    },
  ])('$text by $factor and $offset lies where it belongs', ({ text, factor, offset, unscaled }) => {
    expect(unscale(decimal(text), factor, offset)).toEqual(unscaled);
  });
});

test.each(['', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1e999', '--1', '1.', '.5', '1'.repeat(41)])(
  '%j is no decimal',
  (text) => expect(parseDecimal(text)).toBeUndefined(),
);

test('decimals are compared and divided exactly', () => {
  expect(compareDecimals(decimal('0.30'), decimal('0.3'))).toBe(0);
  expect(compareDecimals(decimal('18446744073709551615'), decimal('18446744073709551616'))).toBeLessThan(0);
  expect(compareDecimals(decimal('+1e2'), decimal('99.9'))).toBeGreaterThan(0);
  expect(isMultiple(decimal('0.3'), decimal('0.1'))).toBe(true);
  expect(isMultiple(decimal('-20.5'), decimal('0.5'))).toBe(true);
  expect(isMultiple(decimal('20.25'), decimal('0.5'))).toBe(false);
});
