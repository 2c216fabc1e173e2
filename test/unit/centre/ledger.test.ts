import { expect, test } from 'vitest';
import { Ledger } from '../../../src/centre/ledger.ts';
import type { DataMessage, GapMessage } from '../../../src/centre/message.ts';
import type { GatewayReport } from '../../../src/centre/report.ts';
import type { Range } from '../../../src/model/ranges.ts';
import {
  dataMessage,
  epoch,
  gapMessage,
  gateway,
  readingOf,
  readingsOf,
  start,
} from '../../support/centre-messages.ts';
import { randomNumbers, type RandomNumbers } from '../../support/random-numbers.ts';

const EVERYTHING = { remember: 100_000, fromStart: true };
const now = start + 10_000;

function only(ledger: Ledger): GatewayReport {
  const [report, ...others] = ledger.report(now).gateways;
  if (report === undefined || others.length > 0) throw new Error('expected one gateway');
  return report;
}

function booked(messages: readonly (DataMessage | GapMessage)[], settings = EVERYTHING): Ledger {
  const ledger = new Ledger(settings);
  for (const message of messages) ledger.book(message, now);
  return ledger;
}

/** `0…upto` cut into ranges of up to nine sequences. */
function cuts(upto: number, random: RandomNumbers): Range[] {
  const ranges: Range[] = [];
  for (let after = 0; after < upto;) {
    const end = Math.min(upto, after + 1 + random.below(9));
    ranges.push({ after, upto: end });
    after = end;
  }
  return ranges;
}

function shuffled<T>(items: readonly T[], random: RandomNumbers): T[] {
  return items
    .map((item) => ({ item, place: random.below(2 ** 30) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

const within = (seq: number, range: Range): boolean => range.after < seq && seq <= range.upto;

test('whatever the order, the losses, the gaps and the repeats, the ledger says what a set of sequences would', () => {
  const random = randomNumbers(11);
  const LAST = 120;
  for (let round = 0; round < 300; round += 1) {
    const selects = (seq: number): boolean => round % 2 === 0 || seq % 3 !== 0;
    const data = (covers: Range): DataMessage => dataMessage(covers, { readings: readingsOf(covers, selects) });
    const fates = cuts(LAST, random).map((covers) => ({ covers, fate: random.below(6) }));
    const [lost, gone] = [0, 1].map((wanted) =>
      fates.filter(({ fate }) => fate === wanted).map(({ covers }) => covers),
    );
    const delivered = fates.filter(({ fate }) => fate > 1).map(({ covers }) => covers);
    // Repeats are cut differently, as after a reconnect, but hold nothing that was lost.
    const repeats = cuts(LAST, random).filter((range) =>
      readingsOf(range).every(({ seq }) => delivered.some((covers) => within(seq, covers))),
    );
    const messages = [
      ...delivered.map(data),
      ...repeats.map(data),
      ...(gone ?? []).map((covers) => gapMessage(covers)),
    ];

    const report = only(booked(shuffled(messages, random)));

    const sequences = Array.from({ length: LAST }, (_, index) => index + 1);
    const covered = (seq: number): boolean => [...delivered, ...(gone ?? [])].some((range) => within(seq, range));
    const newest = sequences.findLast(covered) ?? 0;
    const received = sequences.filter((seq) => selects(seq) && delivered.some((range) => within(seq, range)));
    const missing = sequences.filter((seq) => seq <= newest && !covered(seq));
    const sent = messages.reduce((sum, message) => sum + (message.kind === 'data' ? message.readings.length : 0), 0);
    expect(report).toMatchObject({
      received: received.length,
      repeats: sent - received.length,
      unverified: 0,
      conflicting: 0,
      missing: missing.length,
      coverage: missing.length === 0 ? 'contiguous' : 'holes',
      upto: newest,
    });
    expect(report.gaps.length).toBe(gone?.length);
    expect(missing.every((seq) => report.holes.some((hole) => within(seq, hole)))).toBe(true);
    expect(missing.every((seq) => lost?.some((range) => within(seq, range)))).toBe(true);
  }
});

test('a hole is missing until the message that fills it arrives', () => {
  const ledger = booked([dataMessage({ after: 0, upto: 10 }), dataMessage({ after: 14, upto: 20 })]);
  expect(only(ledger)).toMatchObject({ coverage: 'holes', missing: 4, holes: [{ after: 10, upto: 14 }] });
  expect(ledger.report(now).complete).toBe(false);
  ledger.book(dataMessage({ after: 10, upto: 14 }), now);
  expect(only(ledger)).toMatchObject({ coverage: 'contiguous', missing: 0, holes: [], from: 0, upto: 20 });
  expect(ledger.report(now).complete).toBe(true);
});

test('what was before the first message is missing only where everything is owed', () => {
  const messages = [dataMessage({ after: 100, upto: 110 })];
  expect(only(booked(messages, { ...EVERYTHING, fromStart: false }))).toMatchObject({ missing: 0, from: 100 });
  expect(only(booked(messages))).toMatchObject({ missing: 100, from: 0, holes: [{ after: 0, upto: 100 }] });
});

test('a gap record covers what is lost and says why; told again it is not counted again', () => {
  const ledger = booked([dataMessage({ after: 0, upto: 5 }), gapMessage({ after: 5, upto: 9 }, { count: 3 })]);
  const again = ledger.book(gapMessage({ after: 5, upto: 9 }, { count: 3 }), now);
  expect(again.kind).toBe('nothing');
  expect(only(ledger)).toMatchObject({ coverage: 'contiguous', upto: 9, gapReadings: 3 });
  expect(only(ledger).gaps).toEqual([
    { after: 5, upto: 9, count: 3, from: '2026-11-22T09:15:00.000Z', to: '2026-11-22T09:15:00.004Z', reason: 'size' },
  ]);
});

test('readings that were announced as lost and arrive all the same are new', () => {
  const ledger = booked([gapMessage({ after: 0, upto: 9 })]);
  const entry = ledger.book(dataMessage({ after: 0, upto: 9 }), now);
  expect(entry).toMatchObject({ kind: 'data', fresh: readingsOf({ after: 0, upto: 9 }), conflicts: [] });
});

const five = readingOf(5);
const differences = [
  ['another value', { ...five, value: 'another' }],
  ['another type of value', { ...five, value: String(five.value) }],
  ['another point', { ...five, point: 'meter-9/register-9' }],
  ['a time one millisecond later', { ...five, time: five.time + 1 }],
  ['no time of the device', { ...five, sourceTime: null }],
  ['another quality', { ...five, quality: 'uncertain' as const }],
  ['a reason', { ...five, reason: 'time' }],
] as const;

test.each(differences)('a repeat with %s is a conflict', (_, changed) => {
  const covers = { after: 0, upto: 10 };
  const ledger = booked([dataMessage(covers)]);
  const readings = readingsOf(covers).map((reading) => (reading.seq === 5 ? changed : reading));
  const entry = ledger.book(dataMessage(covers, { lane: 'backlog', readings }), now);
  expect(entry).toMatchObject({ fresh: [], conflicts: [{ gateway, epoch, seq: 5, what: 'changed' }] });
  expect(ledger.report(now)).toMatchObject({
    complete: false,
    missing: 0,
    conflicting: 1,
    conflicts: [{ gateway, epoch, seq: 5, what: 'changed' }],
  });
});

test('a repeat whose unit has become a former one is no conflict: the catalogue changed, not the reading', () => {
  const covers = { after: 0, upto: 10 };
  const renamed = readingsOf(covers).map((reading) => ({ ...reading, unit: 'kW.h' }));
  expect(booked([dataMessage(covers), dataMessage(covers, { readings: renamed })]).report(now).conflicting).toBe(0);
});

test('a repeat that leaves a reading out, or has one more, is a conflict', () => {
  const covers = { after: 0, upto: 10 };
  const without = dataMessage(covers, { readings: readingsOf(covers, (seq) => seq !== 5) });
  const vanished = booked([dataMessage(covers), without]).report(now);
  expect(vanished.conflicts).toEqual([{ gateway, epoch, seq: 5, what: 'vanished' }]);
  const appeared = booked([without, dataMessage(covers)]).report(now);
  expect(appeared.conflicts).toEqual([{ gateway, epoch, seq: 5, what: 'appeared' }]);
});

test('a message that contradicts everything is counted in full and named in part', () => {
  const ledger = booked([dataMessage({ after: 0, upto: 5000 })]);
  const empty = { ...dataMessage({ after: 0, upto: 1 }), covers: { after: 0, upto: 2 ** 52 }, readings: [] };
  const entry = ledger.book(empty, now);
  expect(entry).toMatchObject({ conflicting: 5000 });
  expect(ledger.report(now)).toMatchObject({ conflicting: 5000, complete: false });
  expect(ledger.report(now).conflicts).toHaveLength(100);
});

test('a repeat of what is forgotten is counted as unverified, not as right or wrong', () => {
  const LAST = 20_000;
  const chunks = Array.from({ length: LAST / 500 }, (_, index) => ({ after: index * 500, upto: (index + 1) * 500 }));
  const ledger = booked(
    chunks.map((covers) => dataMessage(covers)),
    { remember: 4096, fromStart: true },
  );
  for (const covers of chunks) {
    const readings = readingsOf(covers).map((reading) => ({ ...reading, point: 'changed/since' }));
    ledger.book(dataMessage(covers, { readings }), now);
  }
  const { repeats, unverified, conflicting } = only(ledger);
  expect(repeats).toBe(LAST);
  expect(unverified + conflicting).toBe(LAST);
  expect(conflicting).toBeGreaterThan(4096 - 2 * 1024);
  expect(conflicting).toBeLessThanOrEqual(4096);
});

test('gateways and epochs have accounts of their own', () => {
  const other = { gateway: 'harbour-08' };
  const ledger = booked([
    dataMessage({ after: 0, upto: 5 }),
    dataMessage({ after: 7, upto: 9 }, other),
    dataMessage({ after: 0, upto: 3 }, { epoch: '00000002' }),
  ]);
  const rows = ledger.report(now).gateways.map((row) => [row.gateway, row.epoch, row.received, row.missing]);
  expect(rows).toEqual([
    [gateway, epoch, 5, 0],
    ['harbour-08', epoch, 2, 7],
    [gateway, '00000002', 3, 0],
  ]);
});

test('a gateway that only says that it is there is listed apart, and proves nothing', () => {
  const ledger = new Ledger(EVERYTHING);
  ledger.book({ kind: 'status', gateway, state: 'online' }, now);
  ledger.book({ kind: 'catalogue', gateway, epoch, points: 40 }, now);
  expect(ledger.report(now)).toMatchObject({
    complete: false,
    gateways: [],
    silent: [{ gateway, status: 'online', points: 40 }],
  });
  const audit = { number: 17, hash: 'ab'.repeat(32) };
  ledger.book({ kind: 'health', gateway, epoch, audit }, now);
  ledger.book(dataMessage({ after: 0, upto: 1 }), now);
  ledger.book({ kind: 'status', gateway, state: 'offline' }, now);
  expect(ledger.report(now)).toMatchObject({ complete: true, silent: [] });
  expect(only(ledger)).toMatchObject({ status: 'offline', points: 40, audit });
});

test('a rejected message means that nothing is proven', () => {
  const ledger = booked([dataMessage({ after: 0, upto: 5 })]);
  ledger.book({ kind: 'rejected', reason: 'not-json', detail: 'weir/1/harbour-07/live: …' }, now);
  expect(ledger.report(now)).toMatchObject({ complete: false, rejected: { count: 1, reasons: { 'not-json': 1 } } });
});

test('a gateway that leaves ten thousand holes is refused more', () => {
  const delivered = Array.from({ length: 10_000 }, (_, index) => ({ after: 2 * index + 1, upto: 2 * index + 2 }));
  const ledger = new Ledger(EVERYTHING, [{ gateway, epoch, delivered, gaps: [], received: 10_000 }]);
  expect(ledger.book(dataMessage({ after: 30_000, upto: 30_001 }), now)).toMatchObject({
    kind: 'rejected',
    reason: 'too-fragmented',
  });
  const filled = ledger.book(dataMessage({ after: 0, upto: 3 }), now);
  expect(filled.kind).toBe('data');
  expect(only(ledger)).toMatchObject({ received: 10_002, upto: 20_000, missing: 9_998 });
});

test('delays are told apart by lane, and the rate is of the last ten seconds', () => {
  const ledger = new Ledger(EVERYTHING);
  for (let second = 0; second < 20; second += 1) {
    const lane = second < 10 ? 'backlog' : 'live';
    const covers = { after: second * 100, upto: (second + 1) * 100 };
    const arrival = start + second * 1000;
    const delay = lane === 'live' ? 40 : 5000;
    const readings = readingsOf(covers).map((reading) => ({ ...reading, time: arrival - delay }));
    ledger.book(dataMessage(covers, { lane, readings }), arrival);
  }
  const [row] = ledger.report(start + 20_000).gateways;
  expect(row?.rate).toBe(100);
  expect(row?.delayMs.live.p50).toBeCloseTo(40, -1);
  expect(row?.delayMs.live.p99).toBeCloseTo(40, -1);
  expect(Math.abs((row?.delayMs.backlog.p99 ?? 0) - 5000)).toBeLessThan(5000 * 0.03);
  expect(row).toMatchObject({
    clock: { synchronised: 2000 },
    firstArrival: '2026-11-22T09:15:00.000Z',
    lastArrival: '2026-11-22T09:15:19.000Z',
  });
});

test('an earlier run is gone on with', () => {
  const states = [{ gateway, epoch, delivered: [{ after: 0, upto: 10 }], gaps: [], received: 10 }];
  const ledger = new Ledger(EVERYTHING, states);
  ledger.book(dataMessage({ after: 5, upto: 15 }), now);
  expect(only(ledger)).toMatchObject({
    received: 15,
    repeats: 5,
    unverified: 5,
    conflicting: 0,
    coverage: 'contiguous',
    upto: 15,
  });
});

test.each([
  { received: 10, gapReadings: 0, known: 'every sequence has its reading' },
  { received: 9, gapReadings: 5, known: 'one has none, and nobody knows which' },
])(
  'of a range of an earlier run where $known, a gap record tells of $gapReadings lost',
  ({ received, gapReadings }) => {
    const states = [{ gateway, epoch, delivered: [{ after: 0, upto: 10 }], gaps: [], received }];
    const ledger = new Ledger(EVERYTHING, states);
    ledger.book(gapMessage({ after: 5, upto: 10 }), now);
    expect(only(ledger)).toMatchObject({ gapReadings, received, missing: 0 });
    ledger.book(gapMessage({ after: 9, upto: 12 }), now);
    expect(only(ledger)).toMatchObject({ gapReadings: gapReadings + 3, upto: 12 });
  },
);

test('a gap record of what has been delivered tells of no loss', () => {
  const ledger = booked([dataMessage({ after: 0, upto: 20 }), gapMessage({ after: 5, upto: 10 })]);
  expect(only(ledger)).toMatchObject({ gaps: [], gapReadings: 0, coverage: 'contiguous' });
});

test('a gap record that comes after the message which covers what is gone is a loss all the same', () => {
  const readings = readingsOf({ after: 0, upto: 20 }, (seq) => seq <= 5 || seq > 10);
  const ledger = booked([dataMessage({ after: 0, upto: 20 }, { readings }), gapMessage({ after: 5, upto: 10 })]);
  expect(only(ledger)).toMatchObject({ gaps: [{}], gapReadings: 5, coverage: 'contiguous' });
  ledger.book(gapMessage({ after: 12, upto: 14 }, { reason: 'no-longer-kept' }), now);
  expect(only(ledger)).toMatchObject({ gapReadings: 5 });
});

test('what arrives because it was asked for once more is counted', () => {
  const ledger = booked([
    dataMessage({ after: 0, upto: 10 }),
    dataMessage({ after: 20, upto: 30 }),
    dataMessage({ after: 5, upto: 20 }, { lane: 'backlog', repeat: true }),
  ]);
  expect(only(ledger)).toMatchObject({ received: 30, repeats: 5, repaired: 10, missing: 0 });
});

test('what a gap record told of may be left out of a repeat: retention took it while it was asked for again', () => {
  const taken = gapMessage({ after: 20, upto: 40 }, { count: 20 });
  const covers = { after: 0, upto: 100 };
  const rest = readingsOf(covers, (seq) => seq <= 20 || seq > 40);
  const ledger = booked([dataMessage(covers), taken, dataMessage(covers, { repeat: true, readings: rest })]);
  expect(ledger.report(now)).toMatchObject({ complete: true, conflicting: 0, gateways: [{ gaps: [] }] });
  ledger.book(dataMessage(covers, { readings: rest.slice(1) }), now);
  expect(ledger.report(now).conflicts).toMatchObject([{ seq: 1, what: 'vanished' }]);
});
