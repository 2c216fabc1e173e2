import type { Reading, Reason } from '../../src/model/reading.ts';

/** What the status of a row in a load profile takes from its values. */
export type Doubt = { readonly quality: 'uncertain' | 'bad'; readonly reason: Reason };

// The lowest eight bits, of which VDEW's specification of 1997 (P.01) and that of IDIS (AMR profile status) say the same:
// power failed, [and returned], clock set, [reset], [summer time changed], value disturbed, clock lost its time, fatal error.
const POWER = 0xc0;
const CLOCK_SET = 0x20;
const DISTURBED = 0x04;
const CLOCK_LOST = 0x02;
const FATAL = 0x01;

/** Undefined where nothing is wrong with the row. */
export function doubtOf(status: number): Doubt | undefined {
  if ((status & FATAL) !== 0) return { quality: 'bad', reason: 'device-failure' };
  // Of a period in which power was missing the meter has measured a part alone.
  if ((status & (DISTURBED | POWER)) !== 0) return { quality: 'uncertain', reason: 'device-failure' };
  if ((status & (CLOCK_SET | CLOCK_LOST)) !== 0) return { quality: 'uncertain', reason: 'time' };
  return undefined;
}

/** A reading of the past as its row's status leaves it; `historical` where that finds nothing wrong. */
export function pastReading(reading: Reading, doubt: Doubt | undefined): Reading {
  if (reading.quality !== 'good') return reading;
  if (doubt === undefined) return { ...reading, reason: 'historical' };
  if (doubt.quality === 'uncertain') return { ...reading, quality: 'uncertain', reason: doubt.reason };
  return { ...reading, quality: 'bad', value: null, reason: doubt.reason };
}
