import type { Decimal } from '../../src/model/decimal.ts';

/** A decimal as people write it, with every place that it has: `-0.50`. */
export function decimalText({ mantissa, places }: Decimal): string {
  const digits = (mantissa < 0n ? -mantissa : mantissa).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`;
  return mantissa < 0n ? `-${text}` : text;
}
