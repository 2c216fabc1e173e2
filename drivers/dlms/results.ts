import type { Reason } from '../../src/model/reading.ts';

type Known = { readonly text: string; readonly reason: Reason };

// IEC 62056-53, 8.6: Data-Access-Result and Action-Result share their numbers.
const RESULTS: Readonly<Record<number, Known>> = {
  1: { text: 'hardware fault', reason: 'device-failure' },
  2: { text: 'temporary failure', reason: 'device-busy' },
  3: { text: 'read or write denied', reason: 'refused' },
  4: { text: 'object undefined', reason: 'refused' },
  9: { text: 'object of another class', reason: 'refused' },
  11: { text: 'object unavailable', reason: 'refused' },
  12: { text: 'type unmatched', reason: 'refused' },
  13: { text: 'scope of access violated', reason: 'refused' },
  14: { text: 'data block unavailable', reason: 'device-failure' },
  15: { text: 'long get aborted', reason: 'device-busy' },
  16: { text: 'no long get in progress', reason: 'device-busy' },
  17: { text: 'long set aborted', reason: 'device-busy' },
  18: { text: 'no long set in progress', reason: 'device-busy' },
  19: { text: 'data block number invalid', reason: 'device-failure' },
  250: { text: 'other reason', reason: 'refused' },
};

/** What a refusal of an attribute or method says. */
export function explainResult(code: number): string {
  return `${RESULTS[code]?.text ?? 'refused'} (${code})`;
}

export function reasonOf(code: number): Reason {
  return RESULTS[code]?.reason ?? 'refused';
}

/** Whether another interface class may be what the object is. */
export function saysOtherClass(code: number): boolean {
  return code === 4 || code === 9 || code === 11 || code === 12;
}

// IEC 62056-53, 7.2.2: Associate-source-diagnostic.
const USER: Readonly<Record<number, string>> = {
  1: 'no reason given',
  2: 'it does not know this kind of association: names may have to be short or logical, or keys may be needed',
  3: 'it does not know our system title',
  4: 'it does not know our identifier',
  11: 'it does not know this way of proving who we are',
  12: 'it wants us to prove who we are',
  13: 'the password or the keys are wrong',
  14: 'it wants us to prove who we are',
};

/** Diagnostics that tell of a wrong password or key. */
export const AUTHENTICATION_FAILURE = 13;
export const AUTHENTICATION_REQUIRED = 14;

const PROVIDER: Readonly<Record<number, string>> = { 1: 'no reason given', 2: 'no common version of ACSE' };

/** Why a meter did not take us. */
export function explainDiagnostic(source: 'user' | 'provider', code: number): string {
  const known = source === 'user' ? USER[code] : PROVIDER[code];
  return known ?? `diagnostic ${code} of the ${source === 'user' ? 'service user' : 'provider'}`;
}

// IEC 62056-53, 8.6: ExceptionResponse.
const SERVICE_ERRORS: Readonly<Record<number, string>> = {
  1: 'operation not possible',
  2: 'service not supported',
  3: 'other reason',
  4: 'PDU too long',
  5: 'deciphering failed',
  6: 'invocation counter too low',
};

/** What an exception (first byte 0xd8) says. */
export function explainException(apdu: Buffer): string {
  const [, state, service = 0] = apdu;
  const told = SERVICE_ERRORS[service] ?? `service error ${service}`;
  const expected = service === 6 && apdu.length >= 7 ? `, ${apdu.readUInt32BE(3)} expected` : '';
  return `${told}${expected}${state === 1 ? ' (service not allowed)' : ''}`;
}
