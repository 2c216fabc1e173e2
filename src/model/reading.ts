/** Number of an interned point: given by the journal, stable for the journal's life. */
export type PointNumber = number;

/** What a point can hold. `bigint` only where a 64-bit integer leaves the exact range of a double. */
export type Value = number | bigint | boolean | string;

export type Quality = 'good' | 'uncertain' | 'bad';

/**
 * Why a reading is not simply good, with the number that the journal stores for it.
 * Numbers are never reused or changed: journals outlive releases.
 */
export const reasonNumbers = {
  'no-answer': 1, // the device stayed silent until the timeout
  'not-connected': 2, // the connection could not be made, or broke
  refused: 3, // the device answered that it has no such register, function or value
  'device-failure': 4, // the device reports a fault of its own
  'device-busy': 5, // the device asks to come back later
  'malformed-answer': 6, // an answer that breaks the protocol's rules
  'foreign-answer': 7, // an answer to some other question
  'not-available': 8, // the device's own mark for "no value" (configured as `invalid`)
  'not-a-number': 9, // NaN or an infinity
  'out-of-range': 10, // outside the configured min..max
  'type-mismatch': 11, // the bytes are not a value of the configured type
  time: 12, // the value is fine, its time is doubtful
  'driver-failure': 13, // the driver failed in a way it does not name: a bug worth reporting
  historical: 14, // good, but read later from what the device had kept: its time is the source time
  unverified: 15, // good, but nothing proves that the device sent it: the configuration says that this does not matter
} as const;

export type Reason = keyof typeof reasonNumbers;

/**
 * One value of one point at one instant. A failed read is a reading too: quality `bad`, no value, a reason.
 */
export type Reading<Point = PointNumber> = {
  readonly point: Point;
  /** Wall clock of the device, milliseconds since 1970 UTC, where it gave one. */
  readonly sourceTime: number | null;
  /** When the answer arrived, monotonic milliseconds of this process; becomes wall time when it is sent. */
  readonly receivedTime: number;
} & (
  | { readonly quality: 'good' | 'uncertain'; readonly value: Value; readonly reason?: Reason }
  | { readonly quality: 'bad'; readonly value: null; readonly reason: Reason }
);

/** A failed read of one point. */
export function badReading<Point = PointNumber>(point: Point, reason: Reason, receivedTime: number): Reading<Point> {
  return { point, sourceTime: null, receivedTime, quality: 'bad', value: null, reason };
}
