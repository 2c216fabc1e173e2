import { styleText } from 'node:util';
import { scaling } from '../model/decimal.ts';
import type { ShownReading } from '../model/status.ts';

export type Style = Parameters<typeof styleText>[0];

/** `text` in colour where the standard output is a terminal that wants colours. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** `850 ms`, `45s`, `3m12s`, `2h5m`, `31d4h`: the two largest units. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('');
}

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 B`, `2.1 GiB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(SIZE_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${SIZE_UNITS[power]}`;
}

/** `1 234 567`: grouped as ISO 80000-1 does, which no locale misreads as a decimal. */
export function count(amount: number): string {
  return String(Math.round(amount)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 device`, `3 devices`. */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${amount === 1 ? noun : `${noun.replace(/([^aeiou])y$/, '$1ie')}s`}`;
}

/** A UCUM unit as a meter's display shows it: `kWh` for `kW.h`, `°C` for `Cel`, `m³/h` for `m3/h`. */
function unitSymbol(unit: string): string {
  return unit
    .replace(/\bCel\b/, '°C')
    .replace(/^deg$/, '°')
    .replace(/([a-z])3\b/, '$1³')
    .replace(/([a-z])2\b/, '$1²')
    .replace(/^u(?=[a-zA-Z])/, 'µ')
    .replaceAll('.', '')
    .replace(/^1$/, '');
}

/** `text` without the control characters by which a device or broker could play with the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u{fffd}');
}

/** How a value follows from what its device holds: `raw × scale + offset`. */
export type Scaled = { readonly scale: number; readonly offset: number };

const UNSCALED: Scaled = { scale: 1, offset: 0 };
const FLOAT32_DIGITS = 9; // no float of 32 bits needs more to be told from its neighbours

/**
 * A number in as few digits as tell it from its neighbours: one that fits 32 bits as a float of that size, for 230.1
 * that came as such is 230.10000610351562 in 64, and scaled it has no more to tell.
 */
export function shortNumber(value: number, { scale, offset } = UNSCALED): string {
  if (!Number.isFinite(value) || Number(value.toPrecision(FLOAT32_DIGITS)) === value) return String(value);
  const rawOf = (shown: number): number => Math.fround((shown - offset) / scale);
  const raw = rawOf(value);
  // Whole numbers are exact in decimal, in which they were scaled.
  if (Number.isInteger(raw) || scaling(scale, offset)(raw) !== value) return String(value);
  const shorter = Array.from({ length: 17 }, (_, index) => Number(value.toPrecision(index + 1)));
  return String(shorter.find((shown) => rawOf(shown) === raw) ?? value);
}

/** A value without what it means. */
export function bareText(value: NonNullable<ShownReading['value']>, scaled?: Scaled): string {
  return typeof value === 'number' ? shortNumber(value, scaled) : printable(String(value));
}

/** The value as people read it: a state's name, a number with its unit, or why there is none. */
export function valueText(
  { value, state, unit, reason }: ShownReading | Omit<ShownReading, 'time'>,
  scaled?: Scaled,
): string {
  if (value === null) return reason ?? 'no value';
  const text = state === undefined ? bareText(value, scaled) : `${state} (${bareText(value, scaled)})`;
  return unit === undefined ? text : `${text} ${unitSymbol(unit)}`.trimEnd();
}

const qualityStyles = { good: 'green', uncertain: 'yellow', bad: 'red' } as const;

export function qualityText({ quality }: Pick<ShownReading, 'quality'>): string {
  return paint(qualityStyles[quality], quality);
}
