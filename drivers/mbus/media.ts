/** What meters measure, by the device type of EN 13757-7, Table 13. */
const NAMES: Readonly<Record<number, string>> = {
  0x00: 'other',
  0x01: 'oil',
  0x02: 'electricity',
  0x03: 'gas',
  0x04: 'heat',
  0x05: 'steam',
  0x06: 'warm water',
  0x07: 'water',
  0x08: 'heat cost allocator',
  0x09: 'compressed air',
  0x0a: 'cooling, measured in the return',
  0x0b: 'cooling, measured in the flow',
  0x0c: 'heat, measured in the flow',
  0x0d: 'heat and cooling',
  0x0e: 'bus or system component',
  0x0f: 'unknown',
  0x14: 'calorific value',
  0x15: 'hot water',
  0x16: 'cold water',
  0x17: 'hot and cold water',
  0x18: 'pressure',
  0x19: 'analogue to digital converter',
  0x1a: 'smoke detector',
  0x1b: 'room sensor',
  0x1c: 'gas detector',
  0x20: 'breaker',
  0x21: 'valve',
  0x25: 'display',
  0x28: 'waste water',
  0x29: 'garbage',
  0x31: 'communication controller',
  0x32: 'repeater, one way',
  0x33: 'repeater, both ways',
  0x36: 'radio converter',
  0x37: 'radio converter of a meter',
};

/** All that are not reserved. */
export const media: readonly number[] = Object.keys(NAMES).map(Number);

export function mediumName(medium: number): string {
  return NAMES[medium] ?? `device type ${medium.toString(16).padStart(2, '0').toUpperCase()}`;
}

export type Family = 'electricity' | 'heat' | 'cooling' | 'water' | 'hot-water' | 'gas' | 'allocator' | 'room';

const FAMILIES: Readonly<Record<number, Family>> = {
  0x02: 'electricity',
  0x03: 'gas',
  0x04: 'heat',
  0x0c: 'heat',
  0x0d: 'heat',
  0x0a: 'cooling',
  0x0b: 'cooling',
  0x06: 'hot-water',
  0x15: 'hot-water',
  0x07: 'water',
  0x16: 'water',
  0x08: 'allocator',
  0x1b: 'room',
};

/** Which of our words fit what such a meter measures; undefined where none do. */
export function familyOf(medium: number | undefined): Family | undefined {
  return medium === undefined ? undefined : FAMILIES[medium];
}
