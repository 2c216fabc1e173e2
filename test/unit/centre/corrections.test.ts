import { expect, test } from 'vitest';
import { Corrections } from '../../../src/centre/corrections.ts';
import type { DataMessage, ReceivedReading } from '../../../src/centre/message.ts';
import { Ledger } from '../../../src/centre/ledger.ts';
import type { ClockState } from '../../../src/journal/journal.ts';
import { dataMessage, epoch, gateway, readingOf, readingsOf } from '../../support/centre-messages.ts';

const HOUR = 3_600_000;
const covers = { after: 0, upto: 100 };

const doubtful = (changes: Partial<ReceivedReading> = {}): ReceivedReading => ({
  ...readingOf(1),
  sourceTime: null,
  quality: 'uncertain',
  reason: 'time',
  clock: 'estimated',
  ...changes,
});

test('a reading gets the time that is known by now, and is good again', () => {
  const corrections = new Corrections([{ number: 1, covers, shift: HOUR, clock: 'synchronised' }]);
  const before = doubtful();
  expect(corrections.apply(before)).toEqual({
    ...before,
    time: before.time + HOUR,
    quality: 'good',
    reason: null,
    clock: 'synchronised',
  });
});

test.each<[string, Partial<ReceivedReading>]>([
  ['outside of its range', { seq: 101 }],
  ['sent under the same clock', { clock: 'synchronised' }],
  ['sent under a sure clock', { clock: undefined as never }],
])('a reading %s stays as it is', (_, changes) => {
  const corrections = new Corrections([{ number: 1, covers, shift: HOUR, clock: 'synchronised' }]);
  const reading = doubtful(changes);
  expect(corrections.apply(reading)).toBe(reading);
});

test('where the device told a time, or the value is doubtful for another reason, that is not taken back', () => {
  const corrections = new Corrections([{ number: 1, covers, shift: HOUR, clock: 'assumed' }]);
  expect(corrections.apply(doubtful({ sourceTime: 7 }))).toMatchObject({ quality: 'uncertain', reason: 'time' });
  expect(corrections.apply(doubtful({ reason: 'out-of-range' }))).toMatchObject({ quality: 'uncertain' });
});

test('corrections apply in the order of their numbers, each to what is worse than it, whenever they come', () => {
  const records = [
    { number: 1, covers, shift: 10, clock: 'estimated' },
    { number: 2, covers, shift: 200, clock: 'assumed' },
    { number: 3, covers, shift: 3000, clock: 'synchronised' },
  ] as const;
  const shiftOf = (clock: ClockState): number => {
    const corrections = new Corrections(records.toReversed());
    return corrections.apply(doubtful({ clock })).time - doubtful().time;
  };
  expect([shiftOf('unknown'), shiftOf('estimated'), shiftOf('assumed')]).toEqual([3210, 3200, 3000]);
});

/** Ten readings as they went out an hour wrong, and as they were known later. */
const wrong = (changes: Partial<DataMessage> = {}): DataMessage => {
  const readings = readingsOf({ after: 0, upto: 10 }).map(({ time, ...reading }) => ({
    ...doubtful({ ...reading, time: time - HOUR }),
    ...(reading.quality === 'bad' ? {} : ({ quality: 'uncertain', reason: 'time' } as const)),
  }));
  return dataMessage({ after: 0, upto: 10 }, { clock: 'estimated', readings, ...changes });
};
const correction = {
  kind: 'correction',
  gateway,
  epoch,
  number: 1,
  covers: { after: 0, upto: 10 },
  shift: HOUR,
  clock: 'synchronised',
} as const;

const newLedger = () => new Ledger({ remember: 1000, fromStart: true });

test('a repeat with the time that is known by now contradicts nothing; one with another value does', () => {
  const ledger = newLedger();
  ledger.book(wrong(), 0);
  ledger.book(correction, 0);
  ledger.book(dataMessage({ after: 0, upto: 10 }), 0);
  expect(ledger.report(0)).toMatchObject({ conflicting: 0, gateways: [{ corrected: 10, repeats: 10, unverified: 0 }] });
  const readings = readingsOf({ after: 0, upto: 10 }).map((reading) =>
    reading.seq === 2 ? { ...reading, value: 'another' } : reading,
  );
  ledger.book(dataMessage({ after: 0, upto: 10 }, { readings }), 0);
  expect(ledger.report(0)).toMatchObject({ conflicting: 1, conflicts: [{ seq: 2, what: 'changed' }] });
});

test('a reading that is good but unverified contradicts nothing when its time is no longer doubted', () => {
  const ledger = newLedger();
  const reading = { ...readingOf(1), quality: 'good', sourceTime: null } as const;
  const early = doubtful({ ...reading, quality: 'uncertain', reason: 'time', time: reading.time - HOUR });
  ledger.book(dataMessage({ after: 0, upto: 1 }, { clock: 'estimated', readings: [early] }), 0);
  ledger.book(dataMessage({ after: 0, upto: 1 }, { readings: [{ ...reading, reason: 'unverified' }] }), 0);
  expect(ledger.report(0)).toMatchObject({ conflicting: 0, gateways: [{ repeats: 1, unverified: 0 }] });
});

test('what arrives after its correction has the right time at once; a correction counts once', () => {
  const ledger = newLedger();
  expect(ledger.book(correction, 0)).toMatchObject({ kind: 'correction' });
  expect(ledger.book(correction, 0)).toEqual({ kind: 'nothing' });
  const entry = ledger.book(wrong(), 0);
  expect(entry.kind === 'data' && entry.fresh.map(({ time }) => time)).toEqual(
    readingsOf({ after: 0, upto: 10 }).map(({ time }) => time),
  );
  expect(ledger.report(0)).toMatchObject({ gateways: [{ corrected: 10 }] });
});

test('a reading that several corrections reach is one corrected reading, whether it came before or after them', () => {
  const ledger = newLedger();
  const corrected = (): unknown => ledger.report(0).gateways[0]?.corrected;
  const readings = wrong().readings.map((reading) => ({ ...reading, clock: 'assumed' as const }));
  ledger.book(wrong({ clock: 'assumed', readings }), 0);
  // To what the gateway knew already: none is better by it.
  ledger.book({ ...correction, clock: 'assumed' }, 0);
  expect(corrected()).toBe(0);
  ledger.book({ ...correction, number: 2, covers: { after: 0, upto: 4 } }, 0);
  expect(corrected()).toBe(4);
  ledger.book({ ...correction, number: 3 }, 0);
  expect(corrected()).toBe(10);
  const late = wrong().readings.map((reading) => ({ ...reading, seq: reading.seq + 10 }));
  ledger.book({ ...correction, number: 4, covers: { after: 0, upto: 20 }, clock: 'assumed' }, 0);
  ledger.book(wrong({ covers: { after: 10, upto: 20 }, readings: late }), 0);
  expect(corrected()).toBe(20);
  ledger.book({ ...correction, number: 5, covers: { after: 0, upto: 20 } }, 0);
  expect(corrected()).toBe(20);
});

test('an early delivery that comes late cannot be held against the sure one, and is said so', () => {
  const ledger = newLedger();
  ledger.book(dataMessage({ after: 0, upto: 10 }), 0);
  ledger.book(wrong(), 0);
  expect(ledger.report(0)).toMatchObject({ conflicting: 0, gateways: [{ unverified: 10 }] });
});

test('that nothing proves whose reading it is stays said when its time is known, and its repeat contradicts nothing', () => {
  const corrections = new Corrections([{ number: 1, covers, shift: HOUR, clock: 'synchronised' }]);
  const unproven = doubtful({ reason: 'unverified', sourceTime: 7 });
  expect(corrections.apply(unproven)).toMatchObject({ quality: 'good', reason: 'unverified' });
  const ledger = newLedger();
  ledger.book(dataMessage({ after: 0, upto: 1 }, { clock: 'estimated', readings: [unproven] }), 0);
  const { clock, ...sure } = { ...unproven, quality: 'good', time: unproven.time + HOUR } as const;
  expect(clock).toBe('estimated');
  ledger.book(dataMessage({ after: 0, upto: 1 }, { readings: [sure] }), 0);
  expect(ledger.report(0)).toMatchObject({ conflicting: 0, gateways: [{ repeats: 1, unverified: 0 }] });
});
