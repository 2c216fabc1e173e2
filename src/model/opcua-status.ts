import type { Quality, Reason } from './reading.ts';

// OPC UA status codes (Part 4, 7.39; Part 8, 6.3) for the quality of a reading, wherever it is told in that language.

const bad = {
  'no-answer': { code: 0x800a_0000, symbol: 'BadTimeout' },
  'not-connected': { code: 0x8031_0000, symbol: 'BadNoCommunication' },
  refused: { code: 0x803d_0000, symbol: 'BadNotSupported' },
  'device-failure': { code: 0x808b_0000, symbol: 'BadDeviceFailure' },
  'device-busy': { code: 0x8004_0000, symbol: 'BadResourceUnavailable' },
  'malformed-answer': { code: 0x8007_0000, symbol: 'BadDecodingError' },
  'foreign-answer': { code: 0x8001_0000, symbol: 'BadUnexpectedError' },
  'not-available': { code: 0x80b1_0000, symbol: 'BadNoDataAvailable' },
  'not-a-number': { code: 0x808c_0000, symbol: 'BadSensorFailure' },
  'out-of-range': { code: 0x803c_0000, symbol: 'BadOutOfRange' },
  'type-mismatch': { code: 0x8074_0000, symbol: 'BadTypeMismatch' },
  time: { code: 0x8023_0000, symbol: 'BadInvalidTimestamp' },
  'driver-failure': { code: 0x8002_0000, symbol: 'BadInternalError' },
  // Remarks on what is good: nothing is bad for such a reason.
  historical: { code: 0x8000_0000, symbol: 'Bad' },
  unverified: { code: 0x8000_0000, symbol: 'Bad' },
} as const satisfies Record<Reason, { code: number; symbol: string }>;

const uncertain = {
  'out-of-range': { code: 0x4094_0000, symbol: 'UncertainEngineeringUnitsExceeded' },
  'device-failure': { code: 0x4093_0000, symbol: 'UncertainSensorNotAccurate' },
} as const;

const GOOD = { code: 0, symbol: 'Good' } as const;
const UNCERTAIN = { code: 0x4000_0000, symbol: 'Uncertain' } as const;
const BAD = { code: 0x8000_0000, symbol: 'Bad' } as const;

/** The status code of a reading, as number and by name. */
export function opcuaStatusOf({
  quality,
  reason,
}: {
  readonly quality: Quality;
  readonly reason?: Reason | undefined;
}) {
  if (quality === 'good') return GOOD;
  if (quality === 'bad') return reason === undefined ? BAD : bad[reason];
  return reason === 'out-of-range' || reason === 'device-failure' ? uncertain[reason] : UNCERTAIN;
}
