/** How the data of a record are to be understood, besides their coding. */
export type Content =
  /** A number; binary ones are signed (EN 13757-3, Annex A, type B). */
  | 'number'
  /** Bits or a count that cannot be negative (types C and D). */
  | 'bits'
  /** What is known by its digits or letters: leading zeros belong to it. */
  | 'text'
  /** A date, a time of day, or both, by the length of the data (types F, G, I and J). */
  | 'time'
  /** Bytes of which the standard does not say more. */
  | 'bytes';

/** What a value information field stands for. */
export type Meaning = {
  /** The record's name in a configuration, e.g. `flow-temperature`. */
  readonly name: string;
  readonly content: Content;
  /** UCUM; absent where there is none, or the standard does not say. */
  readonly unit?: string;
  /** The value is multiplied by `multiplier` and ten to the power of `exponent` to be in `unit`. */
  readonly exponent: number;
  readonly multiplier: number;
};

type Row = readonly [
  codes: readonly [first: number, last: number],
  name: string,
  unit?: string | undefined,
  exponent?: number,
];

// Durations come in one of these units, by the two lowest bits of their code.
const SECONDS = [1, 60, 3_600, 86_400] as const;

// In the following tables each code of a range is ten times the one before it; `exponent` is that of the first.
// Units are those of the vocabulary, so that a meter that counts in MWh and one in kWh give the same point.

/** EN 13757-3, 6.4.2: the primary value information field, without its extension bit. */
const PRIMARY: readonly Row[] = [
  [[0x00, 0x07], 'energy', 'kW.h', -6],
  [[0x08, 0x0f], 'energy', 'GJ', -9],
  [[0x10, 0x17], 'volume', 'm3', -6],
  [[0x18, 0x1f], 'mass', 'kg', -3],
  [[0x28, 0x2f], 'power', 'W', -3],
  [[0x30, 0x37], 'power', 'MJ/h', -6],
  [[0x38, 0x3f], 'volume-flow', 'm3/h', -6],
  [[0x50, 0x57], 'mass-flow', 'kg/h', -3],
  [[0x58, 0x5b], 'flow-temperature', 'Cel', -3],
  [[0x5c, 0x5f], 'return-temperature', 'Cel', -3],
  [[0x60, 0x63], 'temperature-difference', 'K', -3],
  [[0x64, 0x67], 'external-temperature', 'Cel', -3],
  [[0x68, 0x6b], 'pressure', 'bar', -3],
  [[0x6e, 0x6e], 'heat-cost-allocation', '1'],
];

/** EN 13757-3, 6.4.5: the first extension, behind 0xFD. */
const FD: readonly Row[] = [
  [[0x00, 0x03], 'credit', undefined, -3],
  [[0x04, 0x07], 'debit', undefined, -3],
  [[0x1c, 0x1c], 'baud', 'Bd'],
  [[0x1d, 0x1d], 'response-delay'],
  [[0x1e, 0x1e], 'retries', '1'],
  [[0x20, 0x20], 'first-storage', '1'],
  [[0x21, 0x21], 'last-storage', '1'],
  [[0x22, 0x22], 'storage-size', '1'],
  [[0x28, 0x28], 'storage-interval', 'mo'],
  [[0x29, 0x29], 'storage-interval', 'a'],
  [[0x38, 0x38], 'tariff-period', 'mo'],
  [[0x39, 0x39], 'tariff-period', 'a'],
  [[0x3a, 0x3a], 'dimensionless', '1'],
  [[0x40, 0x4f], 'voltage', 'V', -9],
  [[0x50, 0x5f], 'current', 'A', -12],
  [[0x60, 0x60], 'reset-counter', '1'],
  [[0x61, 0x61], 'cumulation-counter', '1'],
  [[0x63, 0x63], 'day-of-week', '1'],
  [[0x64, 0x64], 'week-number', '1'],
  [[0x6a, 0x6a], 'since-cumulation', 'mo'],
  [[0x6b, 0x6b], 'since-cumulation', 'a'],
  [[0x6e, 0x6e], 'battery-time', 'mo'],
  [[0x6f, 0x6f], 'battery-time', 'a'],
  [[0x71, 0x71], 'signal-strength'],
  [[0x74, 0x74], 'battery-remaining', 'd'],
  [[0x75, 0x75], 'stops', '1'],
];

/** EN 13757-3, 6.4.4: the second extension, behind 0xFB. */
const FB: readonly Row[] = [
  [[0x00, 0x01], 'energy', 'kW.h', 2],
  [[0x02, 0x03], 'reactive-energy', 'kvar.h', 0],
  [[0x04, 0x05], 'apparent-energy', 'kV.A.h', 0],
  [[0x08, 0x09], 'energy', 'GJ', -1],
  [[0x0c, 0x0f], 'energy', 'Mcal', -1],
  [[0x10, 0x11], 'volume', 'm3', 2],
  [[0x14, 0x17], 'reactive-power', 'var', 0],
  [[0x18, 0x19], 'mass', 'kg', 5],
  [[0x1a, 0x1b], 'relative-humidity', '%', -1],
  [[0x20, 0x20], 'volume', '[cft_i]', 0],
  [[0x21, 0x21], 'volume', '[cft_i]', -1],
  [[0x22, 0x23], 'volume', '[gal_us]', -1],
  [[0x24, 0x24], 'volume-flow', '[gal_us]/min', -3],
  [[0x25, 0x25], 'volume-flow', '[gal_us]/min', 0],
  [[0x26, 0x26], 'volume-flow', '[gal_us]/h', 0],
  [[0x28, 0x29], 'power', 'W', 5],
  [[0x2a, 0x2a], 'phase-angle-voltages', 'deg', -1],
  [[0x2b, 0x2b], 'phase-angle', 'deg', -1],
  [[0x2c, 0x2f], 'frequency', 'Hz', -3],
  [[0x30, 0x31], 'power', 'MJ/h', 2],
  [[0x34, 0x37], 'apparent-power', 'V.A', 0],
  [[0x58, 0x5b], 'flow-temperature', '[degF]', -3],
  [[0x5c, 0x5f], 'return-temperature', '[degF]', -3],
  [[0x60, 0x63], 'temperature-difference', '[degF]', -3],
  [[0x64, 0x67], 'external-temperature', '[degF]', -3],
  [[0x70, 0x73], 'temperature-limit', '[degF]', -3],
  [[0x74, 0x77], 'temperature-limit', 'Cel', -3],
  [[0x78, 0x7f], 'cumulated-maximum-power', 'W', -3],
];

type Others = Readonly<Record<string, readonly (readonly [code: number, name: string])[]>>;

/** Codes whose values are no numbers, by their content. */
const PRIMARY_OTHERS = {
  time: [
    [0x6c, 'date'],
    [0x6d, 'date-time'],
  ],
  text: [
    [0x78, 'fabrication-number'],
    [0x79, 'identification'],
  ],
  bits: [[0x7a, 'bus-address']],
} as const satisfies Others;

const FD_OTHERS = {
  text: [
    [0x0b, 'parameter-set'],
    [0x0c, 'model-version'],
    [0x0d, 'hardware-version'],
    [0x0e, 'firmware-version'],
    [0x0f, 'software-version'],
    [0x10, 'customer-location'],
    [0x11, 'customer'],
    [0x12, 'access-code-user'],
    [0x13, 'access-code-operator'],
    [0x14, 'access-code-system-operator'],
    [0x15, 'access-code-developer'],
    [0x16, 'password'],
    [0x67, 'supplier-information'],
  ],
  bits: [
    [0x08, 'message-number'],
    [0x09, 'device-type'],
    [0x0a, 'manufacturer-code'],
    [0x17, 'error-flags'],
    [0x18, 'error-mask'],
    [0x19, 'security-key'],
    [0x1a, 'digital-output'],
    [0x1b, 'digital-input'],
    [0x1f, 'remote-control'],
    [0x23, 'tariff-descriptor'],
    [0x2a, 'operator-data'],
    [0x2b, 'second'],
    [0x62, 'control-signal'],
    [0x66, 'parameter-activation'],
  ],
  time: [
    [0x30, 'tariff-start'],
    [0x65, 'day-change'],
    [0x70, 'battery-change'],
  ],
  bytes: [
    [0x3b, 'wireless-container'],
    [0x72, 'daylight-saving'],
    [0x73, 'listening-window'],
    [0x76, 'manufacturer-container'],
  ],
} as const satisfies Others;

type Durations = readonly (readonly [first: number, name: string, units?: readonly number[]])[];

const PRIMARY_DURATIONS: Durations = [
  [0x20, 'on-time'],
  [0x24, 'operating-time'],
  [0x70, 'averaging-duration'],
  [0x74, 'actuality-duration'],
];
const FD_DURATIONS: Durations = [
  [0x24, 'storage-interval'],
  [0x2c, 'since-readout'],
  [0x31, 'tariff-duration', SECONDS.slice(1)],
  [0x34, 'tariff-period'],
  [0x3c, 'transmission-period'],
  [0x68, 'since-cumulation', [3_600, 86_400]],
  [0x6c, 'battery-time', [3_600, 86_400]],
];

/** Flows that come in other units than metres by the hour, which they are a whole multiple of. */
const FLOWS = [
  [0x40, 60, -7], // m3/min
  [0x48, 3_600, -9], // m3/s
] as const;

type Codes = ReadonlyMap<number, Meaning>;

function codesOf(rows: readonly Row[], durations: Durations, others: Others): Map<number, Meaning> {
  return new Map([
    ...rows.flatMap(decades),
    ...durations.flatMap(([first, name, units = SECONDS]) =>
      units.map((multiplier, index) => [first + index, duration(name, multiplier)] as const),
    ),
    ...(['text', 'bits', 'time', 'bytes'] as const).flatMap((content) =>
      (others[content] ?? []).map(([code, name]) => [code, { name, content, exponent: 0, multiplier: 1 }] as const),
    ),
  ]);
}

function decades([[first, last], name, unit, exponent = 0]: Row): readonly (readonly [number, Meaning])[] {
  return Array.from({ length: last - first + 1 }, (_, step) => {
    const meaning = { name, content: 'number', exponent: exponent + step, multiplier: 1 } as const;
    return [first + step, { ...meaning, ...(unit !== undefined && { unit }) }];
  });
}

function duration(name: string, multiplier: number): Meaning {
  return { name, content: 'number', unit: 's', exponent: 0, multiplier };
}

/** The duration that a code's two lowest bits give the unit of. */
export function durationOf(name: string, code: number): Meaning {
  return duration(name, SECONDS[code & 3] ?? 1);
}

function primaryCodes(): Codes {
  const codes = codesOf(PRIMARY, PRIMARY_DURATIONS, PRIMARY_OTHERS);
  for (const [first, multiplier, exponent] of FLOWS) {
    for (let step = 0; step < 8; step++) {
      const meaning = { name: 'volume-flow', content: 'number', unit: 'm3/h', multiplier } as const;
      codes.set(first + step, { ...meaning, exponent: exponent + step });
    }
  }
  return codes;
}

/** Meanings by the code of a value information field, without its extension bit. */
export const tables = {
  primary: primaryCodes(),
  fd: codesOf(FD, FD_DURATIONS, FD_OTHERS),
  fb: codesOf(FB, [], {}),
} as const satisfies Record<string, Codes>;
