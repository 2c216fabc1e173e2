import type { Reason } from '../../src/model/reading.ts';

// EN 13757-3, status field of the data header: two bits for the application, one for each of the others.
const APPLICATION = 0x03;
const BUSY = 1;
const FAILED = 2;
const POWER_LOW = 0x04;
const PERMANENT_ERROR = 0x08;
const TEMPORARY_ERROR = 0x10;

const APPLICATIONS: Readonly<Record<number, string>> = {
  [BUSY]: 'application busy',
  [FAILED]: 'application error',
  3: 'abnormal condition',
};

const BITS: readonly (readonly [bit: number, text: string])[] = [
  [POWER_LOW, 'power low'],
  [PERMANENT_ERROR, 'permanent error'],
  [TEMPORARY_ERROR, 'temporary error'],
];

/** Why what a meter measures with such a status is doubtful; undefined where it is not. Low power and alarms falsify nothing. */
export function doubtIn(status: number | undefined): Reason | undefined {
  if (status === undefined) return undefined;
  if ((status & (PERMANENT_ERROR | TEMPORARY_ERROR)) !== 0 || (status & APPLICATION) === FAILED)
    return 'device-failure';
  return (status & APPLICATION) === BUSY ? 'device-busy' : undefined;
}

/** `power low, permanent error`; empty where the meter finds nothing wrong. Bits of the manufacturer's own are left out. */
export function complaintsIn(status: number | undefined): string {
  if (status === undefined) return '';
  const application = APPLICATIONS[status & APPLICATION];
  const others = BITS.flatMap(([bit, text]) => ((status & bit) === 0 ? [] : [text]));
  return [...(application === undefined ? [] : [application]), ...others].join(', ');
}
