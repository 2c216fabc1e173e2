import type { SimulatedPoint } from '../../src/collect/driver.ts';

/** How a quantity moves: around `centre`, `swing` to each side, once up and down in `period` seconds. */
type Movement = { readonly centre: number; readonly swing: number; readonly period: number };

// What a small building's meters and sensors show, by UCUM unit without prefix.
const MOVEMENTS: Readonly<Record<string, Movement>> = {
  V: { centre: 230, swing: 3, period: 60 },
  A: { centre: 12, swing: 6, period: 90 },
  Hz: { centre: 50, swing: 0.03, period: 20 },
  W: { centre: 3_000, swing: 2_000, period: 120 },
  var: { centre: 400, swing: 300, period: 120 },
  'V.A': { centre: 3_100, swing: 1_900, period: 120 },
  Cel: { centre: 21, swing: 4, period: 1_800 },
  K: { centre: 294, swing: 4, period: 1_800 },
  '%': { centre: 50, swing: 15, period: 1_200 },
  bar: { centre: 3, swing: 0.4, period: 300 },
  Pa: { centre: 101_300, swing: 800, period: 3_600 },
  'm3/h': { centre: 1.5, swing: 1, period: 240 },
  'l/h': { centre: 1_500, swing: 1_000, period: 240 },
  'm/s': { centre: 4, swing: 3, period: 45 },
  'ug/m3': { centre: 12, swing: 8, period: 900 },
  '[ppm]': { centre: 600, swing: 150, period: 900 },
  deg: { centre: 180, swing: 90, period: 300 },
  '1': { centre: 0.95, swing: 0.04, period: 150 },
};
const UNKNOWN: Movement = { centre: 50, swing: 25, period: 120 };

// What counters gain in a second, by unit without prefix; others count seconds.
const RATES: Readonly<Record<string, number>> = {
  'W.h': 3_000 / 3_600,
  'var.h': 400 / 3_600,
  'V.A.h': 3_100 / 3_600,
  m3: 1.5 / 3_600,
  l: 1_500 / 3_600,
  J: 3_000,
};

const PREFIXES: Readonly<Record<string, number>> = { m: 1e3, h: 1e-2, k: 1e-3, M: 1e-6, G: 1e-9 };

const PHASE_TO_PHASE = Math.sqrt(3);
const EPOCH = 1_704_067_200; // 2024-01-01 UTC: the day when all of these meters were installed
const STATE_PERIOD = 30;

/** A value in the point's unit at `seconds` since 1970: always the same for the same point and instant. */
export type SimulatedValue = (seconds: number) => number;

/** How one point moves; `id` takes the place of chance, so that no two points move alike. */
export function simulatedValue(id: string, point: SimulatedPoint): SimulatedValue {
  const chance = fraction(id);
  if (point.kind === 'gauge') return wave(movementOf(point), chance);
  if (point.kind !== 'counter') return (seconds) => Math.floor(seconds / STATE_PERIOD + chance) % 2;
  const { entry, factor } = byUnit(RATES, point.unit) ?? { entry: 1, factor: 1 };
  const rate = entry * factor * (0.5 + chance);
  return (seconds) => rate * (seconds - EPOCH);
}

function movementOf({ unit, quantity = '' }: SimulatedPoint): Movement {
  const { entry, factor } = byUnit(MOVEMENTS, unit) ?? { entry: UNKNOWN, factor: 1 };
  const chained = unit === 'V' && /l\d-?l\d|line-to-line/.test(quantity) ? PHASE_TO_PHASE : 1;
  return { ...entry, centre: entry.centre * factor * chained, swing: entry.swing * factor };
}

/** What the table says of a unit, or of the unit without its prefix and then by what factor to multiply. */
function byUnit<T>(table: Readonly<Record<string, T>>, unit = ''): { entry: T; factor: number } | undefined {
  const exact = table[unit];
  if (exact !== undefined) return { entry: exact, factor: 1 };
  const entry = table[unit.slice(1)];
  const factor = PREFIXES[unit.slice(0, 1)];
  return entry === undefined || factor === undefined ? undefined : { entry, factor };
}

/** Two sines whose periods share no beat: smooth, bounded, and never quite the same twice. */
function wave({ centre, swing, period }: Movement, chance: number): SimulatedValue {
  const turn = (seconds: number, length: number): number => Math.sin(2 * Math.PI * (seconds / length + chance));
  return (seconds) => centre + swing * (0.7 * turn(seconds, period) + 0.3 * turn(seconds, period * 0.381_966));
}

/** 0 (inclusive) to 1, from a text (FNV-1a). */
function fraction(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return (hash >>> 0) / 2 ** 32;
}
