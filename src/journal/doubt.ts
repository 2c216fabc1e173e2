import { reasonNumbers, type Quality, type Reason } from '../model/reading.ts';
import { isDoubtful } from './clock-state.ts';
import { qualityNames, type Columns } from './codec.ts';
import type { ClockState } from './journal.ts';

const GOOD = qualityNames.indexOf('good');
const UNCERTAIN = qualityNames.indexOf('uncertain');

/**
 * What readings are worth under a clock of this state: where it is only estimated, a good value is uncertain for its
 * time. What a device had kept under its own time is not. Changes the columns, and returns them.
 */
export function doubted(columns: Columns, state: ClockState | undefined): Columns {
  if (state === undefined || !isDoubtful(state)) return columns;
  const { count, qualities, reasons } = columns;
  for (let index = 0; index < count; index += 1) {
    if (qualities[index] !== GOOD || reasons[index] === reasonNumbers.historical) continue;
    qualities[index] = UNCERTAIN;
    reasons[index] = reasonNumbers.time;
  }
  return columns;
}

type Judged = { readonly quality: Quality; readonly reason?: Reason | undefined };

/** The same for one reading. */
export function doubtedReading<Read extends Judged>(
  reading: Read,
  state: ClockState | undefined,
): Read | Doubted<Read> {
  if (state === undefined || !isDoubtful(state)) return reading;
  if (reading.quality !== 'good' || reading.reason === 'historical') return reading;
  return { ...reading, quality: 'uncertain', reason: 'time' };
}

type Doubted<Read> = Omit<Read, 'quality' | 'reason'> & { readonly quality: 'uncertain'; readonly reason: 'time' };
