import type { Reason } from '../../model/reading.ts';
import type { SaidReading } from './pieces.ts';

type StatusCode = { readonly code: number; readonly symbol: string };

// OPC UA Part 4, 7.39 and Part 8.
const badCodes: Readonly<Record<Reason, StatusCode>> = {
  'no-answer': { code: 0x8031_0000, symbol: 'BadNoCommunication' },
  'not-connected': { code: 0x808a_0000, symbol: 'BadNotConnected' },
  refused: { code: 0x803a_0000, symbol: 'BadNotReadable' },
  'device-failure': { code: 0x808b_0000, symbol: 'BadDeviceFailure' },
  'device-busy': { code: 0x8004_0000, symbol: 'BadResourceUnavailable' },
  'malformed-answer': { code: 0x8007_0000, symbol: 'BadDecodingError' },
  'foreign-answer': { code: 0x8009_0000, symbol: 'BadUnknownResponse' },
  'not-available': { code: 0x809b_0000, symbol: 'BadNoData' },
  'not-a-number': { code: 0x8038_0000, symbol: 'BadDataEncodingInvalid' },
  'out-of-range': { code: 0x803c_0000, symbol: 'BadOutOfRange' },
  'type-mismatch': { code: 0x8074_0000, symbol: 'BadTypeMismatch' },
  time: { code: 0x8000_0000, symbol: 'Bad' },
  'driver-failure': { code: 0x8002_0000, symbol: 'BadInternalError' },
  // Remarks on what is good: what is bad for such a reason is bad for one that we do not know.
  historical: { code: 0x8000_0000, symbol: 'Bad' },
  unverified: { code: 0x8000_0000, symbol: 'Bad' },
};

const UNCERTAIN: StatusCode = { code: 0x4000_0000, symbol: 'Uncertain' };

/** Undefined where the reading is good. */
export function statusCodeOf({ quality, reason }: SaidReading): StatusCode | undefined {
  if (quality === 'good') return undefined;
  return quality === 'uncertain' ? UNCERTAIN : badCodes[reason ?? 'driver-failure'];
}
