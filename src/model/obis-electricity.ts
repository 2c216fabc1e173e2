import type { Obis } from './obis.ts';
import type { NamedCode } from './quantity.ts';

// IEC 62056-61, 5.4 (values of group C for electricity): 1 to 20 of all phases together, 21 to 40 the same of L1, 41 to
// 60 of L2, 61 to 80 of L3.
const PER_PHASE = 20;
const PHASES = ['', '-l1', '-l2', '-l3'] as const;

type Power = { readonly power: 'active' | 'reactive' | 'apparent'; readonly direction: string };

const POWERS: Readonly<Record<number, Power>> = {
  1: { power: 'active', direction: '-import' },
  2: { power: 'active', direction: '-export' },
  3: { power: 'reactive', direction: '-import' },
  4: { power: 'reactive', direction: '-export' },
  5: { power: 'reactive', direction: '-q1' },
  6: { power: 'reactive', direction: '-q2' },
  7: { power: 'reactive', direction: '-q3' },
  8: { power: 'reactive', direction: '-q4' },
  9: { power: 'apparent', direction: '-import' },
  10: { power: 'apparent', direction: '-export' },
  15: { power: 'active', direction: '-sum' },
  16: { power: 'active', direction: '-net' },
  17: { power: 'active', direction: '-q1' },
  18: { power: 'active', direction: '-q2' },
  19: { power: 'active', direction: '-q3' },
  20: { power: 'active', direction: '-q4' },
};

const UNITS = { active: 'W', reactive: 'var', apparent: 'V.A' } as const;

// Group D. 8 counts for ever; 9 since the last billing period was closed, 29 since the last entry of the load profile.
const ENERGIES: Readonly<Record<number, string>> = { 8: '', 9: '-period', 29: '-interval' };
// 4 is the average of the period that runs, 5 that of the one before, 6 the highest of them; 2 adds those up.
const DEMANDS: Readonly<Record<number, string>> = { 2: '-max-sum', 3: '-min', 4: '-running', 5: '', 6: '-max' };
const NOW = 7;

/** What a code of an electricity meter measures. */
export function electricityName(obis: Obis): NamedCode | undefined {
  const phase = PHASES[Math.floor((obis.c - 1) / PER_PHASE)];
  if (phase === undefined) return otherName(obis);
  const place = ((obis.c - 1) % PER_PHASE) + 1;
  const power = POWERS[place];
  return power === undefined ? valueName(obis, place, phase) : powerName(obis, power, phase);
}

function powerName(obis: Obis, { power, direction }: Power, phase: string): NamedCode | undefined {
  const tariff = tariffOf(obis);
  const unit = UNITS[power];
  const energy = ENERGIES[obis.d];
  if (energy !== undefined) {
    const kind = direction === '-net' || obis.d !== 8 ? 'gauge' : 'counter';
    return { name: `${power}-energy${direction}${energy}${phase}${tariff}`, unit: `k${unit}.h`, kind };
  }
  const demand = DEMANDS[obis.d];
  if (demand !== undefined) {
    return { name: `${power}-power-demand${direction}${demand}${phase}${tariff}`, unit, kind: 'gauge' };
  }
  if (obis.d !== NOW || !isTotal(obis)) return undefined;
  return { name: `${power}-power${isUsual(power, direction) ? '' : direction}${phase}`, unit, kind: 'gauge' };
}

/** Signed active power and apparent power are simply called so. */
function isUsual(power: Power['power'], direction: string): boolean {
  return direction === '-net' || (power === 'apparent' && direction === '-import');
}

const VALUES: Readonly<Record<number, { readonly name: string; readonly unit?: string; readonly all?: string }>> = {
  11: { name: 'current', unit: 'A', all: 'current-average' },
  12: { name: 'voltage', unit: 'V', all: 'voltage-average' },
  13: { name: 'power-factor' },
  14: { name: 'frequency', unit: 'Hz' },
};

// E of 7: harmonic distortion of them all; 1 to 120 are single harmonics.
const DISTORTION = 124;
const COUNTED: Readonly<Record<number, string>> = { 32: 'sags', 36: 'swells' };

function valueName(obis: Obis, place: number, phase: string): NamedCode | undefined {
  const value = VALUES[place];
  if (value === undefined) return undefined;
  const { name, unit, all = name } = value;
  const counted = COUNTED[obis.d];
  if (counted !== undefined) return countedName(`${name}-${counted}${phase}`, phase);
  if (obis.d === NOW && obis.e === DISTORTION) return { name: `thd-${name}${phase}`, unit: '%', kind: 'gauge' };
  if (!isTotal(obis)) return undefined;
  if (obis.d === NOW) return { name: phase === '' ? all : `${name}${phase}`, unit, kind: 'gauge' };
  const demand = DEMANDS[obis.d];
  return demand === undefined ? undefined : { name: `${name}-demand${demand}${phase}`, unit, kind: 'gauge' };
}

/** What is counted of each phase. */
function countedName(name: string, phase: string): NamedCode | undefined {
  return phase === '' ? undefined : { name, unit: '1', kind: 'counter' };
}

// C 81, E: in the tens what the angle is measured from, in the ones what it is measured to (0 to 2 voltages, 4 to 6
// currents).
const ANGLES: Readonly<Record<number, string>> = {
  1: 'voltage-angle-l2-l1',
  2: 'voltage-angle-l3-l1',
  4: 'phase-angle-l1',
  15: 'phase-angle-l2',
  26: 'phase-angle-l3',
};

function otherName(obis: Obis): NamedCode | undefined {
  if (obis.d !== NOW) return undefined;
  const angle = obis.c === 81 ? ANGLES[obis.e] : undefined;
  if (angle !== undefined) return { name: angle, unit: 'deg', kind: 'gauge' };
  if (!isTotal(obis)) return undefined;
  if (obis.c === 90) return { name: 'current-sum', unit: 'A', kind: 'gauge' };
  if (obis.c === 91) return { name: 'current-neutral', unit: 'A', kind: 'gauge' };
  return obis.c === 92 ? { name: 'voltage-neutral', unit: 'V', kind: 'gauge' } : undefined;
}

// Some meters write 255 where nothing is to be said of the tariff.
function isTotal({ e }: Obis): boolean {
  return e === 0 || e === 255;
}

function tariffOf(obis: Obis): string {
  return isTotal(obis) ? '' : `-t${obis.e}`;
}
