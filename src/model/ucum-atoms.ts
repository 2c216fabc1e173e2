// The part of UCUM's table that instruments use: what each unit is made of. How large it is does not matter here, so
// that a foot is a metre. An empty text marks a base unit.

/** Units that take prefixes. `var` is none of UCUM's: every meter uses it, and UCUM has no word for reactive power. */
export const metricUnits: ReadonlyMap<string, string> = new Map(
  Object.entries({
    m: '',
    s: '',
    g: '',
    rad: '',
    K: '',
    C: '',
    cd: '',
    var: '',
    mol: '1',
    sr: 'rad2',
    Hz: '/s',
    N: 'g.m/s2',
    Pa: 'N/m2',
    J: 'N.m',
    W: 'J/s',
    A: 'C/s',
    V: 'J/C',
    F: 'C/V',
    Ohm: 'V/A',
    S: 'A/V',
    Wb: 'V.s',
    T: 'Wb/m2',
    H: 'Wb/A',
    lm: 'cd.sr',
    lx: 'lm/m2',
    Bq: '/s',
    Gy: 'J/g',
    Sv: 'J/g',
    kat: 'mol/s',
    l: 'm3',
    L: 'm3',
    ar: 'm2',
    t: 'g',
    bar: 'Pa',
    u: 'g',
    eV: 'J',
    cal: 'J',
    Cel: 'K',
    Np: '1',
    B: '1',
    'B[SPL]': '1',
    'B[V]': 'V',
    'B[W]': 'W',
    'm[H2O]': 'Pa',
    'm[Hg]': 'Pa',
  }),
);

/** Units that take none. */
export const plainUnits: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '10*': '1',
    '10^': '1',
    '[pi]': '1',
    '%': '1',
    '[ppth]': '1',
    '[ppm]': '1',
    '[ppb]': '1',
    '[pptr]': '1',
    '[pH]': '1',
    deg: 'rad',
    gon: 'rad',
    "'": 'rad',
    "''": 'rad',
    min: 's',
    h: 's',
    d: 's',
    wk: 's',
    mo: 's',
    a: 's',
    atm: 'Pa',
    '[degF]': 'K',
    '[psi]': 'Pa',
    '[in_i]': 'm',
    '[ft_i]': 'm',
    '[mi_i]': 'm',
    '[kn_i]': 'm/s',
    '[gal_us]': 'm3',
    '[cft_i]': 'm3',
    '[lb_av]': 'g',
    '[oz_av]': 'g',
    '[Btu_IT]': 'J',
    '[HP]': 'W',
  }),
);

const POWERS: readonly (readonly [prefix: string, power: number])[] = [
  ...'k M G T P E Z Y'.split(' ').map((prefix, index) => [prefix, 3 * (index + 1)] as const),
  ...'m u n p f a z y'.split(' ').map((prefix, index) => [prefix, -3 * (index + 1)] as const),
  ...(['h', 'da'] as const).map((prefix, index) => [prefix, 2 - index] as const),
  ...(['d', 'c'] as const).map((prefix, index) => [prefix, -1 - index] as const),
  ...'Ki Mi Gi Ti'.split(' ').map((prefix) => [prefix, NaN] as const),
];

/** The power of ten of each prefix; NaN for those of two. */
export const prefixes: ReadonlyMap<string, number> = new Map(POWERS);

/** How many of what it is made of an atom is, as a fraction; those that are no such fraction are left out. */
export const sizes: ReadonlyMap<string, readonly [over: bigint, under: bigint]> = new Map<
  string,
  readonly [over: bigint, under: bigint]
>([
  ...'m s g rad K C cd var Hz Pa J W A V F Ohm S Wb T H lm lx Bq'.split(' ').map((atom) => [atom, [1n, 1n]] as const),
  ['N', [1_000n, 1n]],
  ['l', [1n, 1_000n]],
  ['L', [1n, 1_000n]],
  ['ar', [100n, 1n]],
  ['t', [1_000_000n, 1n]],
  ['bar', [100_000n, 1n]],
  ['min', [60n, 1n]],
  ['h', [3_600n, 1n]],
  ['d', [86_400n, 1n]],
  ['wk', [604_800n, 1n]],
  ['10*', [10n, 1n]],
  ['10^', [10n, 1n]],
  ['%', [1n, 100n]],
  ['[ppth]', [1n, 1_000n]],
  ['[ppm]', [1n, 1_000_000n]],
  ['[ppb]', [1n, 1_000_000_000n]],
]);

/** Units whose zero lies elsewhere or that count logarithms: their values are no multiples of anything. */
export const specialUnits: ReadonlySet<string> = new Set('Cel [degF] [pH] Np B B[SPL] B[V] B[W]'.split(' '));
