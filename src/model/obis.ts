/**
 * A code of IEC 62056-61 (OBIS): medium, channel, quantity, processing, tariff, and which stored value, 255 being the
 * one of now. Each group is a byte.
 */
export type Obis = {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
};

/** F of a value that is not a stored one. */
const NOW = 255;

const LARGEST = 255;

// IEC 62056-61, annex on the codes of displays and IEC 62056-21: letters stand for the groups from 96 on.
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };

// A stored value is set off by `*`, or by `&` where somebody reset the demand by hand.
const CODE =
  /^(?:(?<a>\d{1,3})-)?(?:(?<b>\d{1,3}):)?(?<c>\d{1,3}|[CFLP])\.(?<d>\d{1,3}|[CFLP])(?:\.(?<e>\d{1,3}))?(?:[*&](?<f>\d{1,3}))?$/;

/** From here on group C is about the meter itself rather than what it measures, and so has no medium. */
export const FIRST_ABSTRACT = 96;

/**
 * Reads a code in full, `1-0:1.8.0*255`, or as much of it as meters write: `1.8.0`, `C.1.0`, `F.F`. What is left out is
 * `medium`, 0, and the value of now. Undefined where it is none.
 */
export function parseObis(text: string, medium = 1): Obis | undefined {
  const groups = CODE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const c = number(groups['c'], 0);
  const obis = {
    a: number(groups['a'], c >= FIRST_ABSTRACT ? 0 : medium),
    b: number(groups['b'], 0),
    c,
    d: number(groups['d'], 0),
    e: number(groups['e'], 0),
    f: number(groups['f'], NOW),
  };
  return Object.values(obis).every((group) => group <= LARGEST) ? obis : undefined;
}

function number(group: string | undefined, absent: number): number {
  return group === undefined ? absent : (LETTERS[group] ?? Number(group));
}

/** The code of six bytes, as SML, DLMS and M-Bus carry it. */
export function obisOfBytes(bytes: Uint8Array): Obis | undefined {
  if (bytes.length !== 6) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  return { a, b, c, d, e, f };
}

/** `1-0:1.8.0`, and `1-0:1.8.0*3` for a stored value: always written the same, so that it can be compared. */
export function formatObis({ a, b, c, d, e, f }: Obis): string {
  return `${a}-${b}:${c}.${d}.${e}${f === NOW ? '' : `*${f}`}`;
}

/** Which of the values that a meter keeps of former periods this is; undefined for the value of now. */
export function storedValue({ f }: Obis): number | undefined {
  return f === NOW ? undefined : f;
}
