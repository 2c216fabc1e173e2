/** Why a value may well be what the device means; `likely` where it looks like a thing of the mains. */
export type Plausibility = { readonly strength: 'likely' | 'possible'; readonly why: string };

type Numeric = number | bigint;
type Alternative = { readonly point: string; readonly value: number | string | boolean | null };

/**
 * The plausibility of each of the ways in which one place was read. Without a sign bit a signed number is the unsigned one:
 * it is marked once.
 */
export function plausibilities(readings: readonly Alternative[]): ReadonlyMap<string, Plausibility> {
  const values = new Map(readings.map(({ point, value }) => [point, value]));
  return new Map(
    readings.flatMap(({ point, value }) => {
      const found = plausibility(point, value);
      if (found === undefined) return [];
      const unsigned = `u${point}`;
      const isTwin = value !== null && values.get(unsigned) === value;
      return [[point, isTwin ? { strength: 'possible', why: `the same as ${unsigned}` } : found] as const];
    }),
  );
}

/** What meters hold that one knows by sight: volts within ten parts in a hundred, hertz within one. */
const familiar: readonly { readonly what: string; readonly from: number; readonly to: number }[] = [
  { what: 'a voltage of 120 V', from: 108, to: 132 },
  { what: 'a voltage of 230 V', from: 207, to: 253 },
  { what: 'a voltage of 400 V', from: 360, to: 440 },
  { what: 'a frequency of 50 Hz', from: 49.5, to: 50.5 },
  { what: 'a frequency of 60 Hz', from: 59.5, to: 60.5 },
];

/** Factors by which integers carry decimals; more of them would find a voltage in any number. */
const VOLT_SCALES = [1, 0.1] as const;
const HERTZ_SCALES = [0.1, 0.01] as const;

/**
 * Whether `value`, read as the alternative of that name (`float32 CDAB`, `uint16`, `string(16)`), is one that devices
 * have. Bytes in the wrong order rarely make a number of usual size, never mind a familiar one. 0 says nothing.
 * Integers beyond 2^53 come as text.
 *
 * @internal
 */
export function plausibility(name: string, value: number | string | boolean | null): Plausibility | undefined {
  const type = name.split(' ', 1).join();
  if (type.startsWith('string')) return typeof value === 'string' ? ofText(value) : undefined;
  if (type.startsWith('float')) return typeof value === 'number' ? ofFloat(value) : undefined;
  const integer = integerOf(value);
  return integer === undefined || !/^(u?int|bcd)/.test(type) ? undefined : ofInteger(type, integer);
}

function integerOf(value: number | string | boolean | null): Numeric | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

const SMALLEST_USUAL = 1e-3;
const LARGEST_USUAL = 1e9; // a counter of watt-hours over decades

function ofFloat(value: number): Plausibility | undefined {
  const size = Math.abs(value);
  if (size < SMALLEST_USUAL || size >= LARGEST_USUAL) return undefined;
  const known = familiar.find(({ from, to }) => value >= from && value <= to);
  return known === undefined
    ? { strength: 'possible', why: 'a usual size' }
    : { strength: 'likely', why: `like ${known.what}` };
}

function ofInteger(type: string, value: Numeric): Plausibility | undefined {
  const number = Number(value);
  if (number === 0 || number === -1) return undefined; // all bits clear or set: mostly "no value"
  const isWide = !type.endsWith('16');
  // The low word is empty: these are two words in the wrong order.
  if (isWide && BigInt(value) % 65_536n === 0n) return undefined;
  const known = familiarAtScale(number);
  // Words of decimal digits alone are common, meters that pack digits are rare.
  if (known !== undefined) return { strength: type.startsWith('bcd') ? 'possible' : 'likely', why: known };
  // Sixteen bits always have a usual size: it says nothing there.
  return isWide && Math.abs(number) < LARGEST_USUAL ? { strength: 'possible', why: 'a usual size' } : undefined;
}

function familiarAtScale(value: number): string | undefined {
  for (const { what, from, to } of familiar) {
    const scales = what.endsWith('Hz') ? HERTZ_SCALES : VOLT_SCALES;
    const scale = scales.find((each) => value * each >= from && value * each <= to);
    if (scale !== undefined) return `like ${what}${scale === 1 ? '' : ` at scale ${scale}`}`;
  }
  return undefined;
}

const LEAST_LETTERS = 3;

function ofText(value: string): Plausibility | undefined {
  const text = value.replace(/[\0 ]+$/, '');
  const isReadable = /^[ -~\u00a0-\u024f]+$/.test(text);
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (!isReadable || letters < LEAST_LETTERS || letters * 2 < text.length) return undefined;
  return { strength: 'likely', why: 'readable text' };
}
