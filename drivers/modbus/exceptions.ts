import type { Reason } from '../../src/model/reading.ts';

/** Exception codes that something depends on. */
export const exceptions = {
  illegalFunction: 1,
  illegalAddress: 2,
  illegalValue: 3,
  acknowledge: 5,
  noPath: 10,
  targetFailed: 11,
} as const;

// MODBUS Application Protocol 1.1b3, 7: what they say, and what they mean for a reading.
const MEANINGS: ReadonlyMap<number, readonly [words: string, reason: Reason]> = new Map([
  [exceptions.illegalFunction, ['no such function', 'refused']],
  [exceptions.illegalAddress, ['no such address', 'refused']],
  [exceptions.illegalValue, ['no such amount or value', 'refused']],
  [4, ['failure in the device', 'device-failure']],
  [exceptions.acknowledge, ['accepted, and takes a while', 'device-busy']],
  [6, ['busy', 'device-busy']],
  [7, ['cannot be done', 'refused']],
  [8, ['memory parity error', 'device-failure']],
  [exceptions.noPath, ['the gateway has no path to the unit', 'no-answer']],
  [exceptions.targetFailed, ['the unit does not answer the gateway', 'no-answer']],
]);

export function reasonOfException(code: number): Reason {
  return MEANINGS.get(code)?.[1] ?? 'device-failure';
}

/** `exception 2 (no such address)` */
export function describeException(code: number): string {
  const words = MEANINGS.get(code)?.[0];
  return words === undefined ? `exception ${code}` : `exception ${code} (${words})`;
}
