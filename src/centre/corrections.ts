import { isBetter, isDoubtful } from '../journal/clock-state.ts';
import type { Correction, ReceivedReading } from './message.ts';

/** What a gateway has said of its clock in one epoch, in the order of its records' numbers. */
export class Corrections {
  readonly #records: Correction[] = [];

  constructor(records: readonly Correction[]) {
    for (const record of records) this.add(record);
  }

  get count(): number {
    return this.#records.length;
  }

  /** False when it was told before. */
  add({ number, covers, shift, clock }: Correction): boolean {
    const behind = this.#records.findLastIndex((each) => each.number <= number);
    if (this.#records[behind]?.number === number) return false;
    this.#records.splice(behind + 1, 0, { number, covers, shift, clock });
    return true;
  }

  /** The reading with the time that is known by now; itself where nothing better is. */
  apply(reading: ReceivedReading): ReceivedReading {
    return this.#records.reduce(corrected, reading);
  }
}

function corrected(reading: ReceivedReading, { covers: { after, upto }, shift, clock }: Correction): ReceivedReading {
  const { seq, clock: former = 'synchronised', time } = reading;
  if (seq <= after || seq > upto || !isBetter(clock, former)) return reading;
  const known = { ...reading, time: time + shift, clock };
  if (!wasDoubted(reading) || isDoubtful(clock)) return known;
  return { ...known, quality: 'good', reason: reading.reason === 'unverified' ? reading.reason : null };
}

/**
 * Whether it is uncertain for the gateway's clock alone: where the device told a time, that may be what is doubted. What
 * nothing proves is good in all else, so that it is uncertain for nothing else.
 */
function wasDoubted({ quality, reason, sourceTime, clock = 'synchronised' }: ReceivedReading): boolean {
  if (quality !== 'uncertain' || !isDoubtful(clock)) return false;
  return reason === 'unverified' || (reason === 'time' && sourceTime === null);
}
