import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, parseMessage, topicFilters } from '../../../src/centre/parse.ts';
import { dataMessage, epoch, gapMessage, gateway, payloadOf, readingOf } from '../../support/centre-messages.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const topic = (name: string): string => `weir/1/${gateway}/${name}`;
const bytes = (text: string): Buffer => Buffer.from(text);
const json = (body: unknown): Buffer => bytes(JSON.stringify(body));

const time = '2026-11-22T09:15:00.000Z';
const reading = { seq: 1, point: 'main-meter/active-power', time, value: 1532.4, quality: 'good' };
const data = { gateway, epoch, covers: [0, 1], sent: time, clock: 'synchronised', readings: [reading] };
const gap = { gateway, epoch, covers: [5, 9], count: 4, from: time, to: null, reason: 'size' };

test.each(['live', 'backlog'] as const)('a data message of the %s lane is read as it was written', (lane) => {
  const message = dataMessage({ after: 20, upto: 60 }, { lane });
  expect(parseMessage(topic(lane), payloadOf(message))).toEqual(message);
});

test('the message of the format description is understood', () => {
  const body =
    '{"gateway":"harbour-07","epoch":"6f1c9a2e","covers":[1041,1043],"sent":"2026-11-22T09:15:01.204Z","clock":"synchronised","readings":[{"seq":1042,"point":"main-meter/active-power","time":"2026-11-22T09:15:00.000Z","value":1532.4,"quality":"good"},{"seq":1043,"point":"main-meter/frequency","time":"2026-11-22T09:15:00.000Z","value":null,"quality":"bad","reason":"no-answer"}]}';
  expect(parseMessage(topic('live'), bytes(body))).toMatchObject({
    covers: { after: 1041, upto: 1043 },
    readings: [
      { seq: 1042, value: 1532.4, quality: 'good', reason: null },
      { seq: 1043, value: null, quality: 'bad', reason: 'no-answer' },
    ],
  });
});

test('gap, status and catalogue are understood, and keys of later versions are no fault', () => {
  expect(parseMessage(topic('gap'), json({ ...gap, later: {} }))).toEqual(
    gapMessage({ after: 5, upto: 9 }, { from: Date.parse(time), to: null }),
  );
  expect(parseMessage(topic('status'), json({ gateway, status: 'online', later: 1 }))).toEqual({
    kind: 'status',
    gateway,
    state: 'online',
  });
  const points = { 'main-meter/active-power': { unit: 'W' }, 'main-meter/frequency': { unit: 'Hz' } };
  expect(parseMessage(topic('catalogue'), json({ gateway, epoch, points }))).toEqual({
    kind: 'catalogue',
    gateway,
    epoch,
    points: 2,
  });
  expect(parseMessage(topic('live'), json({ ...data, readings: [{ ...reading, later: 1 }] }))).toMatchObject({
    readings: [readingOf(1)].map(() => ({ seq: 1, value: 1532.4 })),
  });
});

test('topics that are not for a centre, and deleted retained messages, say nothing', () => {
  for (const other of ['weir/2/harbour-07/live', 'weir/1/harbour-07/command', 'weir/1/harbour-07/live/x', 'live', '']) {
    expect(parseMessage(other, json(data))).toBeUndefined();
  }
  expect(parseMessage('weir/1/harbour-07/constructor', json(data))).toBeUndefined();
  expect(parseMessage(topic('status'), bytes(''))).toBeUndefined();
});

test('a centre subscribes to what it understands, of one gateway or of all', () => {
  expect(topicFilters()).toEqual(
    ['live', 'backlog', 'gap', 'correction', 'health', 'status', 'catalogue'].map((name) => `weir/1/+/${name}`),
  );
  expect(topicFilters({ gateway })).toContain(topic('live'));
});

const withReading = (changes: object): Buffer => json({ ...data, readings: [{ ...reading, ...changes }] });
const deep = '['.repeat(500_000);

const hostile: readonly (readonly [what: string, name: string, body: Buffer, reason: string])[] = [
  ['is no JSON', 'live', bytes('{"gateway":'), 'not-json'],
  ['is no UTF-8', 'live', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'not-json'],
  ['is half a million brackets', 'live', bytes(deep), 'not-json'],
  ['is half a million arrays in each other', 'live', bytes(deep + ']'.repeat(500_000)), 'malformed'],
  ['is larger than may be', 'live', Buffer.alloc(MAX_MESSAGE_BYTES + 1, 0x20), 'too-large'],
  ['is null', 'live', json(null), 'malformed'],
  ['is a number', 'status', json(7), 'malformed'],
  ['is an array', 'catalogue', json([]), 'malformed'],
  ['is empty', 'live', json({}), 'malformed'],
  ['names another gateway', 'live', json({ ...data, gateway: 'harbour-08' }), 'foreign-gateway'],
  ['has a gateway that is no id', 'live', json({ ...data, gateway: '../etc' }), 'malformed'],
  ['has an epoch that is none', 'live', json({ ...data, epoch: 'x'.repeat(1000) }), 'malformed'],
  ['has covers that descend', 'live', json({ ...data, covers: [2, 1] }), 'malformed'],
  ['has covers below zero', 'live', json({ ...data, covers: [-1, 1] }), 'malformed'],
  ['has covers beyond exact integers', 'live', bytes(JSON.stringify(data).replace('[0,1]', '[0,1e17]')), 'malformed'],
  ['has covers with a fraction', 'live', json({ ...data, covers: [0, 1.5] }), 'malformed'],
  ['has three covers', 'live', json({ ...data, covers: [0, 1, 2] }), 'malformed'],
  ['has no covers', 'live', json({ ...data, covers: undefined }), 'malformed'],
  ['has a clock state of its own', 'live', json({ ...data, clock: 'swiss' }), 'malformed'],
  ['has readings that are no list', 'live', json({ ...data, readings: { length: 1, 0: reading } }), 'malformed'],
  ['has a reading that is null', 'live', json({ ...data, readings: [null] }), 'malformed'],
  ['has a reading that is text', 'live', json({ ...data, readings: ['reading'] }), 'malformed'],
  ['has a sequence as text', 'live', withReading({ seq: '1' }), 'malformed'],
  ['has a sequence with a fraction', 'live', withReading({ seq: 0.5 }), 'malformed'],
  ['has a sequence at its own after', 'live', withReading({ seq: 0 }), 'outside-coverage'],
  ['has a sequence beyond its upto', 'live', withReading({ seq: 2 }), 'outside-coverage'],
  ['has a sequence twice', 'live', json({ ...data, readings: [reading, reading] }), 'out-of-order'],
  ['has no point', 'live', withReading({ point: undefined }), 'malformed'],
  ['has an empty point', 'live', withReading({ point: '' }), 'malformed'],
  ['has an endless point', 'live', withReading({ point: 'x'.repeat(257) }), 'malformed'],
  ['has no time', 'live', withReading({ time: undefined }), 'malformed'],
  ['has a time as a number', 'live', withReading({ time: 1_795_339_000_000 }), 'malformed'],
  ['has a time in a local form', 'live', withReading({ time: '22/11/2026 09:15:00.000Z' }), 'malformed'],
  ['has a time in month 13', 'live', withReading({ time: '2026-13-22T09:15:00.000Z' }), 'malformed'],
  ['has a device time that is none', 'live', withReading({ sourceTime: 'yesterday' }), 'malformed'],
  ['has a value beyond doubles', 'live', bytes(JSON.stringify(data).replace('1532.4', '1e999')), 'malformed'],
  ['has an object as value', 'live', withReading({ value: { $gt: '' } }), 'malformed'],
  ['has no value', 'live', withReading({ value: undefined }), 'malformed'],
  ['has a quality of its own', 'live', withReading({ quality: 'excellent' }), 'malformed'],
  ['is good without a value', 'live', withReading({ value: null }), 'malformed'],
  ['is bad with a value', 'live', withReading({ quality: 'bad', reason: 'no-answer' }), 'malformed'],
  ['is bad without a reason', 'live', withReading({ quality: 'bad', value: null }), 'malformed'],
  ['has an endless reason', 'live', withReading({ reason: 'x'.repeat(65) }), 'malformed'],
  ['has an endless unit', 'live', withReading({ unit: 'x'.repeat(65) }), 'malformed'],
  ['has a prototype instead of keys', 'live', bytes(`{"__proto__":${JSON.stringify(data)}}`), 'malformed'],
  ['is a gap without a reason', 'gap', json({ ...gap, reason: undefined }), 'malformed'],
  ['is a gap with a negative count', 'gap', json({ ...gap, count: -4 }), 'malformed'],
  ['is a gap with a time that is none', 'gap', json({ ...gap, from: 'once' }), 'malformed'],
  ['is a status of its own', 'status', json({ gateway, status: 'sleeping' }), 'malformed'],
  ['has a hash that is none', 'health', json({ gateway, epoch, audit: { number: 1, hash: 'x' } }), 'malformed'],
  ['is a catalogue with a list', 'catalogue', json({ gateway, epoch, points: ['a'] }), 'malformed'],
];

describe('a message is rejected that', () => {
  test.each(hostile)('%s', (_, name, body, reason) => {
    const message = parseMessage(topic(name), body);
    expect(message).toMatchObject({ kind: 'rejected', reason });
    // The detail goes to people: it names the topic and stays short, whatever was sent.
    expect(message).toMatchObject({ detail: expect.stringContaining(topic(name)) });
    expect(JSON.stringify(message).length).toBeLessThan(2000);
  });
});

test('what a rejected message says cannot steer the terminal that shows it', () => {
  const escape = '\u001b[2J\u0007';
  const rejected = [
    parseMessage(`weir/1/${escape}/live`, bytes('{')),
    parseMessage(topic('live'), bytes(`"${escape}`)),
    parseMessage(topic('catalogue'), json({ gateway, epoch, points: { [`${escape}\u202e\n`]: 'no object' } })),
  ];
  for (const message of rejected) {
    expect(message).toMatchObject({ kind: 'rejected', detail: expect.not.stringMatching(/[\p{Cc}\p{Cf}]/u) });
  }
});

test('a point named __proto__ is a point like another, and changes nobody', () => {
  const message = parseMessage(topic('live'), withReading({ point: '__proto__' }));
  expect(message).toMatchObject({ kind: 'data', readings: [{ point: '__proto__' }] });
  parseMessage(topic('live'), bytes(JSON.stringify(data).replace('{"seq"', '{"__proto__":{"polluted":1},"seq"')));
  expect('polluted' in {}).toBe(false);
});

test('whatever is done to its bytes, a message is understood or rejected, never more', () => {
  const random = randomNumbers(5);
  const original = payloadOf(dataMessage({ after: 0, upto: 5 }));
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 20_000; round += 1) {
    const body = Buffer.from(original);
    const changes = 1 + random.below(3);
    for (let change = 0; change < changes; change += 1) body[random.below(body.length)] = random.below(256);
    const cut = random.below(10) === 0 ? body.subarray(0, random.below(body.length)) : body;
    const kind = parseMessage(topic('live'), cut)?.kind ?? 'nothing';
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  }
  expect(outcomes.get('rejected')).toBeGreaterThan(10_000);
  expect(outcomes.get('data')).toBeGreaterThan(100);
});
