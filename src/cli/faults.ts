import type { Fault } from '../config/fault.ts';
import { paint } from './format.ts';

/** One line a fault: place, key, what is wrong, what to do. */
export async function faultList(faults: readonly Fault[]): Promise<string> {
  const { formatFault } = await import('../config/fault.ts');
  return faults.map((fault) => `${paint('red', '✗')} ${formatFault(fault)}`).join('\n');
}
