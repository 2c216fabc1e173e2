import { decimalWith } from '../../src/model/decimal.ts';
import type { MeterValue } from './value.ts';

/** By how much the clock of a meter is ahead of ours, which showed `wall` when the meter said `time`; milliseconds. */
export function clockDeviation(time: number, wall: number): MeterValue {
  return {
    register: 'clock-deviation',
    obis: undefined,
    index: 0,
    name: 'clock-deviation',
    quantity: 'clock-deviation',
    content: { kind: 'number', decimal: decimalWith(BigInt(Math.round(time - wall)), -3), unit: 's' },
    time: null,
  };
}
