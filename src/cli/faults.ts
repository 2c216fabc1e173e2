import type { Fault } from '../config/fault.ts';
import { paint } from './format.ts';

const marks = { fault: { colour: 'red', sign: '✗' }, warning: { colour: 'yellow', sign: '!' } } as const;

/** One line a fault, or what is merely worth a warning: place, key, what is wrong, what to do. */
export async function faultList(faults: readonly Fault[], severity: keyof typeof marks = 'fault'): Promise<string> {
  const { formatFault } = await import('../config/fault.ts');
  const { colour, sign } = marks[severity];
  return faults.map((fault) => `${paint(colour, sign)} ${formatFault(fault)}`).join('\n');
}
