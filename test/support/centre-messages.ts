import type { DataMessage, GapMessage, ReceivedReading } from '../../src/centre/message.ts';
import { isoTime } from '../../src/model/clock.ts';
import type { Range } from '../../src/model/ranges.ts';

// Messages of a gateway whose readings follow from their sequence, so that a test knows what must arrive.

export const gateway = 'harbour-07';
export const epoch = '6f1c9a2e';
export const start = Date.UTC(2026, 10, 22, 9, 15);

/** Values of every kind come by; every eleventh reading is bad. */
export function readingOf(seq: number): ReceivedReading {
  const point = `meter-${seq % 3}/register-${seq % 7}`;
  const time = start + seq;
  const sourceTime = seq % 5 === 0 ? time - 3 : null;
  if (seq % 11 === 0)
    return { seq, point, time, sourceTime, value: null, quality: 'bad', reason: 'no-answer', unit: null };
  const value = seq % 4 === 0 ? `text, "${seq}"` : seq % 4 === 1 ? seq % 8 === 1 : seq / 8;
  return { seq, point, time, sourceTime, value, quality: 'good', reason: null, unit: seq % 13 === 0 ? 'W.h' : null };
}

/** Every sequence of `range`, or those that `selects` accepts. */
export function readingsOf(range: Range, selects: (seq: number) => boolean = () => true): ReceivedReading[] {
  const sequences = Array.from({ length: range.upto - range.after }, (_, index) => range.after + 1 + index);
  return sequences.filter(selects).map(readingOf);
}

export function dataMessage(covers: Range, changes: Partial<DataMessage> = {}): DataMessage {
  const readings = readingsOf(covers);
  return { kind: 'data', lane: 'live', gateway, epoch, covers, clock: 'synchronised', readings, ...changes };
}

/** As a gateway sends it that does not know the time yet; every sixth reading is one that nothing proves. */
export function doubtfulMessage(covers: Range): DataMessage {
  const clock = 'estimated' as const;
  const readings = readingsOf(covers).map((reading) => ({
    ...reading,
    clock,
    ...(reading.quality === 'good' && {
      quality: 'uncertain' as const,
      reason: reading.seq % 6 === 0 ? 'unverified' : 'time',
    }),
  }));
  return dataMessage(covers, { clock, readings });
}

export function gapMessage(covers: Range, changes: Partial<GapMessage> = {}): GapMessage {
  const count = covers.upto - covers.after;
  return { kind: 'gap', gateway, epoch, covers, count, from: start, to: start + count, reason: 'size', ...changes };
}

/** The message as its gateway writes it. */
export function payloadOf({ covers, readings, ...message }: DataMessage): Buffer {
  const written = readings.map(({ time, sourceTime, reason, unit, ...reading }) => ({
    ...reading,
    time: isoTime(time),
    ...(sourceTime === null ? {} : { sourceTime: isoTime(sourceTime) }),
    ...(reason === null ? {} : { reason }),
    ...(unit === null ? {} : { unit }),
  }));
  const { gateway: from, epoch: of, clock } = message;
  const body = { gateway: from, epoch: of, covers: [covers.after, covers.upto], sent: isoTime(start), clock };
  return Buffer.from(JSON.stringify({ ...body, readings: written }));
}
