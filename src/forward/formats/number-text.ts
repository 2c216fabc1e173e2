import { POWERS_OF_TEN } from '../../journal/codec.ts';

// Turning doubles into text is what encoding costs most. A decimal with few places is two integers and a table instead.

const MOST_PLACES = 3;

/** By places and digits: `.05` for 5 of 2 places, nothing for 0, `.5` for 50 of 2. */
const fractions: readonly (readonly string[])[] = Array.from({ length: MOST_PLACES + 1 }, (_, places) =>
  Array.from({ length: 10 ** places }, (__, digits) =>
    digits === 0 ? '' : `.${String(digits).padStart(places, '0').replace(/0+$/, '')}`,
  ),
);

/** The text of a number that has at most `places` decimals, as `String` gives it. */
export function decimalText(number: number, places: number): string {
  const power = POWERS_OF_TEN[places] ?? 1;
  const digits = Math.round(Math.abs(number) * power);
  const whole = Math.floor(digits / power);
  const fraction = fractions[places]?.[digits - whole * power];
  if (fraction === undefined || digits > Number.MAX_SAFE_INTEGER) return String(number);
  return number < 0 ? `-${whole}${fraction}` : `${whole}${fraction}`;
}
