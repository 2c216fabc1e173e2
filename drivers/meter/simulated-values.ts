import type { SimulatedPoint } from '../../src/collect/simulation.ts';

/** How a quantity moves: around `centre`, `swing` to each side, once up and down in `period` seconds. */
type Movement = { readonly centre: number; readonly swing: number; readonly period: number };

// What a small building's meters and sensors show, by UCUM unit without prefix.
const MOVEMENTS: Readonly<Record<string, Movement>> = {
  V: { centre: 230, swing: 3, period: 60 },
  A: { centre: 4.6, swing: 2.7, period: 90 },
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
  'mm/h': { centre: 0.5, swing: 0.4, period: 900 },
  '/min': { centre: 1_450, swing: 20, period: 60 },
  'W/m2': { centre: 350, swing: 300, period: 1_800 },
  lx: { centre: 400, swing: 300, period: 1_800 },
  'g/kg': { centre: 7, swing: 2, period: 1_800 },
  'g/m3': { centre: 9, swing: 2, period: 1_800 },
  'ug/m3': { centre: 12, swing: 8, period: 900 },
  '[ppm]': { centre: 600, swing: 150, period: 900 },
  deg: { centre: 180, swing: 90, period: 300 },
};

type Habit = { readonly quantity: RegExp; readonly unit: string; readonly movement: Movement };

// Quantities that are far from others of their unit.
const HABITS: readonly Habit[] = [
  {
    quantity: /^(power-factor|cos-phi)/,
    unit: '1', // or none
    movement: { centre: 0.95, swing: 0.04, period: 150 },
  },
  { quantity: /^phase-angle/, unit: 'deg', movement: { centre: 18, swing: 7, period: 150 } },
  { quantity: /^thd-/, unit: '%', movement: { centre: 2.5, swing: 1, period: 150 } },
  { quantity: /-unbalance$/, unit: '%', movement: { centre: 1, swing: 0.6, period: 150 } },
  { quantity: /^efficiency$/, unit: '%', movement: { centre: 96, swing: 1, period: 150 } },
  { quantity: /^current-.*neutral$/, unit: 'A', movement: { centre: 0.8, swing: 0.5, period: 90 } },
  { quantity: /^current-sum/, unit: 'A', movement: { centre: 13.8, swing: 8, period: 90 } },
  { quantity: /^flow-temperature$/, unit: 'Cel', movement: { centre: 65, swing: 4, period: 1_800 } },
  { quantity: /^temperature-difference$/, unit: 'K', movement: { centre: 23, swing: 4, period: 1_800 } },
  { quantity: /^return-temperature$/, unit: 'Cel', movement: { centre: 42, swing: 3, period: 1_800 } },
];

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
const ONE_OF_THREE = /(power|energy).*-l[123]$/; // phases
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
  const rate = entry * factor * share(point) * (0.5 + chance);
  return (seconds) => rate * (seconds - EPOCH);
}

function movementOf(point: SimulatedPoint): Movement {
  const { unit = '1', quantity = '' } = point;
  const habit = HABITS.find((each) => each.quantity.test(quantity) && each.unit === unit);
  if (habit !== undefined) return habit.movement;
  const { entry, factor } = byUnit(MOVEMENTS, unit) ?? { entry: UNKNOWN, factor: 1 };
  const part = factor * share(point);
  const chained = unit === 'V' && /l\d-?l\d|line/.test(quantity) ? PHASE_TO_PHASE : 1;
  return { ...entry, centre: entry.centre * part * chained, swing: entry.swing * part };
}

function share({ quantity = '' }: SimulatedPoint): number {
  return ONE_OF_THREE.test(quantity) ? 1 / 3 : 1;
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
