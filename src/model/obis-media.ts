import type { Obis } from './obis.ts';
import type { PointKind } from './point.ts';
import type { NamedCode } from './quantity.ts';

type Value = { readonly name: string; readonly unit: string; readonly kind: PointKind };

const counter = (name: string, unit: string): Value => ({ name, unit, kind: 'counter' });
const gauge = (name: string, unit: string): Value => ({ name, unit, kind: 'gauge' });

// IEC 62056-61 (values of group C for heat and cold) and EN 13757-1.
function thermal(medium: 'heat' | 'cooling'): Readonly<Record<number, Value>> {
  return {
    1: counter(`${medium}-energy`, 'kW.h'),
    2: counter(`${medium}-volume`, 'm3'),
    8: gauge(`${medium}-power`, 'W'),
    9: gauge(`${medium}-flow`, 'm3/h'),
    10: gauge('flow-temperature', 'Cel'),
    11: gauge('return-temperature', 'Cel'),
    12: gauge('temperature-difference', 'K'),
    13: gauge('pressure', 'bar'),
  };
}

function water(medium: 'water' | 'hot-water'): Readonly<Record<number, Value>> {
  return { 1: counter(`${medium}-volume`, 'm3'), 2: gauge(`${medium}-flow`, 'm3/h') };
}

const GAS: Readonly<Record<number, Value>> = {
  1: counter('gas-volume', 'm3'),
  3: counter('gas-volume', 'm3'),
  41: gauge('gas-temperature', 'Cel'),
  42: gauge('gas-pressure', 'bar'),
  43: gauge('gas-flow', 'm3/h'),
};

/** By group A; group C says which value it is. */
const MEDIA: Readonly<Record<number, Readonly<Record<number, Value>>>> = {
  4: { 1: counter('heat-cost-units', '1') },
  5: thermal('cooling'),
  6: thermal('heat'),
  7: GAS,
  8: water('water'),
  9: water('hot-water'),
};

const GAS_METER = 7;
// Group D of gas: as it flowed, converted for its temperature, converted to base conditions.
const CONVERTED = [1, 2];

/** What a code of a meter of heat, cold, gas or water measures. */
export function mediumName({ a, c, d, e }: Obis): NamedCode | undefined {
  const value = MEDIA[a]?.[c];
  if (value === undefined) return undefined;
  const tariff = e === 0 || e === 255 ? '' : `-t${e}`;
  if (d === 0) return { ...value, name: `${value.name}${tariff}` };
  const isConverted = a === GAS_METER && value.name === 'gas-volume' && CONVERTED.includes(d);
  if (!isConverted) return undefined;
  return { ...value, name: `gas-volume-${d === 1 ? 'temperature-' : ''}converted${tariff}` };
}
