import { FIRST_ABSTRACT, type Obis } from './obis.ts';
import type { PointKind } from './point.ts';
import type { NamedCode } from './quantity.ts';

type Said = { readonly name: string; readonly kind: PointKind; readonly unit?: string };

const text = (name: string): Said => ({ name, kind: 'text' });
const state = (name: string): Said => ({ name, kind: 'state' });
const count = (name: string): Said => ({ name, kind: 'counter', unit: '1' });

// IEC 62056-61 (abstract objects, and those for general purposes of each medium): C.D, or C.D.E where E tells them apart.
const CODES: Readonly<Record<string, Said>> = {
  '0.0': text('device-address'),
  '0.0.9': text('server-id'),
  '0.1.0': count('billing-resets'),
  '0.1.2': text('billing-reset-time'),
  '0.2.0': text('firmware-version'),
  '0.2.1': text('parameter-version'),
  '0.2.2': text('tariff-program'),
  '0.2.8': text('interface-version'),
  '0.3': { name: 'pulse-constant', kind: 'gauge' },
  '0.4.2': { name: 'current-ratio', kind: 'gauge' },
  '0.4.3': { name: 'voltage-ratio', kind: 'gauge' },
  '0.8.0': { name: 'demand-period', kind: 'gauge', unit: 's' },
  '0.8.4': { name: 'load-profile-period', kind: 'gauge', unit: 's' },
  '0.9.1': text('meter-clock'),
  '0.9.2': text('meter-date'),
  '1.0': text('meter-time'),
  '17.0': { name: 'limiter-threshold', kind: 'gauge', unit: 'W' },
  '24.1': state('device-type'),
  '24.4': state('valve-state'),
  '96.1.0': text('serial-number'),
  '96.1': text('device-id'),
  '96.2.0': count('configuration-changes'),
  '96.2.1': text('configuration-time'),
  '96.3.10': state('breaker-state'),
  '96.5': state('meter-status'),
  '96.6.0': { name: 'battery-operating-time', kind: 'counter', unit: 'h' },
  '96.6.3': { name: 'battery-voltage', kind: 'gauge', unit: 'V' },
  '96.7.0': count('power-failures-all-phases'),
  '96.7.1': count('power-failures-l1'),
  '96.7.2': count('power-failures-l2'),
  '96.7.3': count('power-failures-l3'),
  '96.7.9': count('long-power-failures'),
  '96.7.19': { name: 'long-power-failure-duration', kind: 'gauge', unit: 's' },
  '96.7.21': count('power-failures'),
  '96.8.0': { name: 'operating-time', kind: 'counter', unit: 's' },
  '96.9.0': { name: 'device-temperature', kind: 'gauge', unit: 'Cel' },
  '96.13.0': text('message'),
  '96.13.1': text('message-code'),
  '96.14.0': state('active-tariff'),
  '96.50.1': text('maker-code'),
  '97.97': state('error-code'),
  '99.97.0': text('power-failure-log'),
  '199.130.3': text('maker-code'),
  '199.130.5': text('public-key'),
};

/** What a code says of the meter itself, whatever it measures; undefined where it is about what it measures. */
export function generalName({ a, c, d, e }: Obis): NamedCode | undefined {
  const isAbstract = a === 0 || c === 0 || c >= FIRST_ABSTRACT;
  if (!isAbstract) return undefined;
  const variant = e === 255 ? 0 : e;
  const family = CODES[`${c}.${d}`];
  const named = family === undefined ? undefined : { ...family, name: variantName(family.name, variant) };
  return CODES[`${c}.${d}.${variant}`] ?? named;
}

function variantName(name: string, variant: number): string {
  return variant === 0 ? name : `${name}-${variant}`;
}
