import { parseDecimal, unscale } from '../../model/decimal.ts';
import type { ValueType } from '../../model/point.ts';

const switches = new Map([
  ['on', true],
  ['off', false],
]);

/** What was typed, as it is written to a value of that type: numbers as their decimal text, in which nothing is lost. */
export function typedValue(text: string, type: ValueType | undefined): string | boolean {
  return type === 'bool' ? (switches.get(text.toLowerCase()) ?? text) : text;
}

/** The raw value of which `text` is the scaled one, where it is a number. */
export function unscaledText(text: string, scale: number | undefined): string {
  const value = scale === undefined ? undefined : parseDecimal(text);
  if (scale === undefined || value === undefined) return text;
  const { below, above, nearest } = unscale(value, scale, 0);
  return String(below === above ? below : nearest);
}
