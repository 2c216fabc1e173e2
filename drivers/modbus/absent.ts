import type { Value } from '../../src/model/reading.ts';

/** How a device marks that it has no value: by one value, by all from some number on, or by what is no number. */
export type Absent = { readonly value: number | bigint | string } | { readonly from: number } | 'not-a-number';

/** Whether `value` is the mark itself; undefined is a float that is no number. */
export function isAbsent(value: Value | undefined, absent: Absent): boolean {
  if (absent === 'not-a-number') return value === undefined;
  if ('value' in absent) return value === absent.value;
  return typeof value === 'number' && value >= absent.from;
}
