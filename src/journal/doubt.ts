import { reasonNumbers, type Quality, type Reason } from '../model/reading.ts';
import { isDoubtful } from './clock-state.ts';
import { qualityNames, type Columns } from './codec.ts';
import type { ClockState } from './journal.ts';

const GOOD = qualityNames.indexOf('good');
const UNCERTAIN = qualityNames.indexOf('uncertain');

// Where the clock is only estimated, a good value is uncertain for its time. What a device had kept under its own time is
// not. That nothing proves whose value it is stays said: that its time is doubtful too, the state of the clock says.

/** What readings are worth under a clock of this state. Changes the columns, and returns them. */
export function doubted(columns: Columns, state: ClockState | undefined): Columns {
  if (state === undefined || !isDoubtful(state)) return columns;
  const { count, qualities, reasons } = columns;
  for (let index = 0; index < count; index += 1) {
    if (qualities[index] !== GOOD || reasons[index] === reasonNumbers.historical) continue;
    qualities[index] = UNCERTAIN;
    if (reasons[index] !== reasonNumbers.unverified) reasons[index] = reasonNumbers.time;
  }
  return columns;
}

type Stored = { readonly quality: number; readonly reason: number };

/** The same for one reading, by its stored numbers. */
export function doubtedStored({ quality, reason }: Stored, state: ClockState | undefined): Stored {
  if (state === undefined || !isDoubtful(state)) return { quality, reason };
  if (quality !== GOOD || reason === reasonNumbers.historical) return { quality, reason };
  return { quality: UNCERTAIN, reason: reason === reasonNumbers.unverified ? reason : reasonNumbers.time };
}

type Judged = { readonly quality: Quality; readonly reason?: Reason | undefined };

/** The same for one reading, by its names. */
export function doubtedReading<Read extends Judged>(
  reading: Read,
  state: ClockState | undefined,
): Read | Doubted<Read> {
  if (state === undefined || !isDoubtful(state)) return reading;
  if (reading.quality !== 'good' || reading.reason === 'historical') return reading;
  return { ...reading, quality: 'uncertain', reason: reading.reason === 'unverified' ? reading.reason : 'time' };
}

type Doubted<Read> = Omit<Read, 'quality' | 'reason'> & {
  readonly quality: 'uncertain';
  readonly reason: 'time' | 'unverified';
};
