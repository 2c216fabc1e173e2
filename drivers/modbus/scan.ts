import type { ScanRange, ScanStep } from '../../src/collect/driver.ts';
import type { Answer } from './client.ts';
import { describeException, reasonOfException } from './exceptions.ts';
import { dataOf, readQuestion, type Question } from './pdu.ts';

// MODBUS over Serial Line 1.02, 2.2: single devices have 1 to 247. A device with a network port of its own often is 255.
const FIRST_UNIT = 1;
const LAST_UNIT = 247;
const NETWORK_UNIT = 255;

/** The units to be tried, in their sequence. */
export function unitsOf({ addresses }: ScanRange, isNetwork: boolean): readonly number[] {
  if (addresses !== undefined) return [...new Set(addresses)].filter((unit) => unit >= 0 && unit <= NETWORK_UNIT);
  const units = Array.from({ length: LAST_UNIT - FIRST_UNIT + 1 }, (_, index) => FIRST_UNIT + index);
  return isNetwork ? [...units, NETWORK_UNIT] : units;
}

/** Asks each unit once for its first holding register: whatever it answers, be it a refusal, shows that it is there. */
export async function* scanUnits(
  units: readonly number[],
  ask: (question: Question) => Promise<Answer>,
): AsyncGenerator<ScanStep, void> {
  for (const [index, unit] of units.entries()) {
    const found = foundIn(unit, await ask(readQuestion(unit, { table: 'holding', address: 0, size: 1 })));
    yield { address: `unit ${unit}`, done: index + 1, total: units.length, ...(found !== undefined && { found }) };
  }
}

function foundIn(unit: number, answer: Answer): ScanStep['found'] {
  // What is garbled may be an echo, noise or a device at another baud; what a gateway says, no unit has said.
  if (answer.kind === 'failed') return undefined;
  if (answer.kind === 'exception' && reasonOfException(answer.code) === 'no-answer') return undefined;
  const { milliseconds } = answer;
  return { device: { unit }, answer: `${wordsFor(answer)} to holding 0`, milliseconds };
}

function wordsFor(answer: Exclude<Answer, { kind: 'failed' }>): string {
  return answer.kind === 'exception' ? describeException(answer.code) : `${dataOf(answer.pdu).readUInt16BE(0)}`;
}
