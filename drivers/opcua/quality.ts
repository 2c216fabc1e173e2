import type { Quality, Reason } from '../../src/model/reading.ts';

/** What a StatusCode means for a reading; `reason` is absent where nothing is to be said. */
export type Verdict = { readonly quality: Quality; readonly reason?: Reason };

// Part 4, 7.39: the two highest bits are the severity, the sixteen highest the code; the lower sixteen say more of it.
const CODE = 0xffff_0000;
const OVERFLOW = 0x0480; // 7.39.1: the information is that of a data value, and its queue ran over before it

const GOOD: Verdict = { quality: 'good' };

/** Why a value is bad or uncertain, by the code of its status (Part 6, annex A). What is not here is a failure there. */
const reasons: ReadonlyMap<number, Reason> = new Map([
  [0x8005_0000, 'no-answer'], // BadCommunicationError
  [0x800a_0000, 'no-answer'], // BadTimeout
  [0x8031_0000, 'no-answer'], // BadNoCommunication
  [0x808a_0000, 'no-answer'], // BadNotConnected
  [0x408f_0000, 'no-answer'], // UncertainNoCommunicationLastUsableValue
  [0x8033_0000, 'refused'], // BadNodeIdInvalid
  [0x8034_0000, 'refused'], // BadNodeIdUnknown
  [0x8035_0000, 'refused'], // BadAttributeIdInvalid
  [0x8036_0000, 'refused'], // BadIndexRangeInvalid
  [0x8037_0000, 'refused'], // BadIndexRangeNoData
  [0x801f_0000, 'refused'], // BadUserAccessDenied
  [0x80e6_0000, 'refused'], // BadSecurityModeInsufficient
  [0x803a_0000, 'refused'], // BadNotReadable
  [0x803d_0000, 'refused'], // BadNotSupported
  [0x8040_0000, 'refused'], // BadNotImplemented
  [0x80db_0000, 'refused'], // BadTooManyMonitoredItems
  [0x8032_0000, 'not-available'], // BadWaitingForInitialData
  [0x809b_0000, 'not-available'], // BadNoData
  [0x80b1_0000, 'not-available'], // BadNoDataAvailable
  [0x809d_0000, 'not-available'], // BadDataLost
  [0x809e_0000, 'not-available'], // BadDataUnavailable
  [0x4092_0000, 'not-available'], // UncertainInitialValue
  [0x803c_0000, 'out-of-range'], // BadOutOfRange
  [0x4094_0000, 'out-of-range'], // UncertainEngineeringUnitsExceeded
  [0x8003_0000, 'device-busy'], // BadOutOfMemory
  [0x8004_0000, 'device-busy'], // BadResourceUnavailable
  [0x800e_0000, 'device-busy'], // BadServerHalted
  [0x800c_0000, 'device-busy'], // BadShutdown
  [0x8010_0000, 'device-busy'], // BadTooManyOperations
  [0x8006_0000, 'malformed-answer'], // BadEncodingError
  [0x8007_0000, 'malformed-answer'], // BadDecodingError
  [0x8074_0000, 'type-mismatch'], // BadTypeMismatch
]);

/** The verdict on a StatusCode of 32 bits. */
export function verdictOn(status: number): Verdict {
  if (status === 0) return GOOD;
  const severity = status >>> 30;
  if (severity === 0) return GOOD;
  // Part 4, 7.39.1: 11 is reserved, and to be taken as bad.
  const quality = severity === 1 ? 'uncertain' : 'bad';
  return { quality, reason: reasons.get((status & CODE) >>> 0) ?? 'device-failure' };
}

/** Whether the server lost values before this one, because its queue was too short for what happened. */
export function queueRanOver(status: number): boolean {
  return (status & OVERFLOW) === OVERFLOW;
}
