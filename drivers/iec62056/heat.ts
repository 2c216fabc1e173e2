import type { MeterValue } from '../meter/value.ts';

type Named = Pick<MeterValue, 'name' | 'quantity'>;

// EN 1434-3, and the manuals of Landis+Gyr (now Siemens, Diehl) heat meters: codes of two groups, of which OBIS knows none.
const CODES: Readonly<Record<string, Named>> = {
  '6.8': { name: 'heat-energy', quantity: 'heat-energy' },
  '6.26': { name: 'heat-volume', quantity: 'heat-volume' },
  '6.4': { name: 'heat-power', quantity: 'heat-power' },
  '6.27': { name: 'heat-flow', quantity: 'heat-flow' },
  '6.29': { name: 'flow-temperature', quantity: 'flow-temperature' },
  '6.28': { name: 'return-temperature', quantity: 'return-temperature' },
  '6.30': { name: 'temperature-difference', quantity: 'temperature-difference' },
  '6.31': { name: 'operating-time', quantity: 'operating-time' },
  '6.32': { name: 'fault-time' },
  '6.33': { name: 'heat-flow-max' },
  '6.35': { name: 'measuring-period' },
  '6.6': { name: 'heat-power-max' },
  '9.4': { name: 'temperature-max' },
  '9.20': { name: 'property-number' },
  '9.21': { name: 'serial-number', quantity: 'serial-number' },
  F: { name: 'error-code', quantity: 'error-code' },
};

const STORED = /^(.+)\*(\d{1,2})$/;

/** Whether a readout is written in these codes: then what looks like OBIS in it is none. */
export function isHeatReadout(addresses: readonly string[]): boolean {
  return addresses.includes('6.8') || addresses.includes('6.26');
}

/** Name and quantity by a code of a heat meter; nothing for those that are not known. */
export function heatName(address: string): Named {
  const [, base = address, stored] = STORED.exec(address) ?? [];
  if (!Object.hasOwn(CODES, base)) return {};
  const { name = '', quantity } = CODES[base] ?? {};
  if (stored !== undefined) return { name: `${name}-stored-${Number(stored)}` };
  return { name, ...(quantity !== undefined && { quantity }) };
}
