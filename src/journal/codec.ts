import { GatewayError } from '../model/errors.ts';
import { reasonNumbers, type Quality, type Reason } from '../model/reading.ts';

// A batch is columns: what is alike stands together, is small, and compresses well.
//
//   version (1 byte) · count (unsigned) · length of each column (unsigned) · the columns:
//
//   points        signed difference to the point before
//   times         received time, monotonic milliseconds: signed difference to the one before
//   tags          one byte a reading: value kind (bits 0–3), quality (4–5), has a reason (6), has a source time (7)
//   reasons       one byte for each reading that has one
//   source times  wall milliseconds: signed difference to the one before, for each reading that has one
//   values        by kind, nothing for none, false and true
//
// Unsigned integers are LEB128; signed ones keep the sign in bit 6 of the first byte, so that every safe integer fits.
// Floats are little-endian, texts are UTF-8 with their length in front.

export const BATCH_VERSION = 1;

/** A batch never holds more readings: what a decoder allocates stays bounded. */
export const MOST_READINGS = 65_536;

/** How a value is stored. The numbers are part of the format: never reused or changed. */
export const valueKinds = {
  none: 0,
  false: 1,
  true: 2,
  integer: 3, // a safe integer, signed
  float32: 4, // a double that a float32 holds exactly
  float64: 5,
  bigint: 6, // decimal digits, as text
  text: 7,
  decimal: 8, // … 12: a signed integer to be divided by 10^1 … 10^5, which gives exactly the double
} as const;

export const MOST_PLACES = 5;

/** Powers of ten by exponent, as far as decimals need them. */
export const POWERS_OF_TEN: readonly number[] = [1, 10, 100, 1_000, 10_000, 100_000];

export const KIND_MASK = 0x0f;
export const QUALITY_SHIFT = 4;
export const QUALITY_MASK = 0x03;
export const HAS_REASON = 0x40;
export const HAS_SOURCE_TIME = 0x80;

/** Qualities by their number in `Columns.qualities`. */
export const qualityNames = ['good', 'uncertain', 'bad'] as const satisfies readonly Quality[];

/** Reasons by their number in `Columns.reasons`; undefined at 0 and wherever none is assigned. */
export const reasonNames: readonly (Reason | undefined)[] = reasonsByNumber();

function reasonsByNumber(): (Reason | undefined)[] {
  const names: (Reason | undefined)[] = [];
  for (const name of Object.keys(reasonNumbers).filter(isReason)) names[reasonNumbers[name]] = name;
  return names;
}

function isReason(name: string): name is Reason {
  return name in reasonNumbers;
}

/**
 * A decoded batch as flat columns, for loops that must not allocate. The arrays are reused by the next decode of the
 * same decoder and may be longer than `count`.
 */
export type Columns = {
  readonly count: number;
  readonly points: Uint32Array;
  /** Received times, monotonic milliseconds: add the anchor's offset. */
  readonly times: Float64Array;
  /** Wall milliseconds of the device, NaN where it gave none; undefined when no reading has one. */
  readonly sourceTimes: Float64Array | undefined;
  /** Indices into `qualityNames` and `reasonNames`. */
  readonly qualities: Uint8Array;
  readonly reasons: Uint8Array;
  /**
   * `valueKinds`. A number of kind `decimal + n` has at most n + 1 decimal places, so that
   * `Math.round(number * 10 ** (n + 1))` are exactly its digits.
   */
  readonly kinds: Uint8Array;
  /** The values of all numeric kinds but bigint. */
  readonly numbers: Float64Array;
  /** The values of kind bigint and text; whatever stands elsewhere means nothing. */
  readonly others: readonly (bigint | string | undefined)[];
};

export function corrupt(what: string): GatewayError {
  return new GatewayError('journal-corrupt', `a batch of the journal is damaged: ${what}`);
}

/** The same of what the batches are in. */
export function damaged(what: string): GatewayError {
  return new GatewayError('journal-corrupt', `the journal is damaged: ${what}`);
}
