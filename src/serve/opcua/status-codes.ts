import type { Quality, Reason } from '../../model/reading.ts';

/** Names of OPC UA status codes (Part 4, 7.38; Part 8, 6.3) for why a reading is bad. */
const badCodes = {
  'no-answer': 'BadTimeout',
  'not-connected': 'BadNoCommunication',
  refused: 'BadNotSupported',
  'device-failure': 'BadDeviceFailure',
  'device-busy': 'BadResourceUnavailable',
  'malformed-answer': 'BadDecodingError',
  'foreign-answer': 'BadUnexpectedError',
  'not-available': 'BadNoDataAvailable',
  'not-a-number': 'BadSensorFailure',
  'out-of-range': 'BadOutOfRange',
  'type-mismatch': 'BadTypeMismatch',
  time: 'BadInvalidTimestamp',
  'driver-failure': 'BadInternalError',
  historical: 'Bad',
  unverified: 'Bad', // likewise
} as const satisfies Record<Reason, string>;

/** The same for why it is uncertain. */
const uncertainCodes = new Map<Reason, 'UncertainEngineeringUnitsExceeded' | 'UncertainSensorNotAccurate'>([
  ['out-of-range', 'UncertainEngineeringUnitsExceeded'],
  ['device-failure', 'UncertainSensorNotAccurate'],
]);

/** The status code of a reading, by name. */
export function statusCodeOf({ quality, reason }: { readonly quality: Quality; readonly reason?: Reason }) {
  if (quality === 'good') return 'Good';
  if (quality === 'bad') return reason === undefined ? 'Bad' : badCodes[reason];
  return (reason === undefined ? undefined : uncertainCodes.get(reason)) ?? 'Uncertain';
}
