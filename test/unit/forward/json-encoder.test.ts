import { describe, expect, test } from 'vitest';
import type { MessageLimits, PointLookup } from '../../../src/forward/format.ts';
import { createJsonEncoder } from '../../../src/forward/formats/json-encoder.ts';
import { batchOf, identity, knownPoint, only, START, type Taken } from '../../support/formats.ts';

const ROOMY: MessageLimits = { readings: 1000, bytes: 256 * 1024 };

const points: readonly ReturnType<PointLookup>[] = [
  knownPoint('main-meter/active-power', 0),
  knownPoint('main-meter/frequency', 1),
  { ...knownPoint('old/energy', 2), formerUnit: 'W.h' },
  null,
];

function encoder() {
  return createJsonEncoder(identity, 'live', (number) => points[number] ?? null);
}

function finished(json: ReturnType<typeof encoder>, after: number, upto: number) {
  const covers = { after, upto };
  return only(json.finish({ covers, clock: 'synchronised', sent: START + 1204 }));
}

/** The text of the only reading, as it stands in the message. */
function textOf(taken: Taken): string {
  const json = encoder();
  json.add(batchOf([taken]), 0, 1, ROOMY);
  const text = finished(json, 0, 1).payload.toString();
  return text.slice(text.indexOf('[{') + 1, -2);
}

function readingOf(taken: Taken) {
  return JSON.parse(textOf(taken)) as Record<string, unknown>;
}

test('a message is exactly what the format promises', () => {
  const json = encoder();
  const readings = [{ value: 1532.4 }, { point: 1, quality: 'bad', value: null, reason: 'no-answer' }] as const;
  json.add(batchOf(readings, 1042), 0, 2, ROOMY);
  const message = finished(json, 1041, 1043);
  expect(message.payload.toString()).toBe(
    '{"gateway":"harbour-07","epoch":"6f1c9a2e","covers":[1041,1043],"sent":"2026-11-22T09:15:01.204Z","clock":"synchronised","readings":[' +
      '{"seq":1042,"point":"main-meter/active-power","time":"2026-11-22T09:15:00.000Z","value":1532.4,"quality":"good"},' +
      '{"seq":1043,"point":"main-meter/frequency","time":"2026-11-22T09:15:00.000Z","value":null,"quality":"bad","reason":"no-answer"}]}',
  );
  expect(message).toMatchObject({
    topic: 'weir/1/harbour-07/live',
    retain: false,
    properties: { gateway: 'harbour-07', epoch: '6f1c9a2e', covers: '1041,1043' },
  });
});

describe('a value is written so that any JSON parser gives it back exactly', () => {
  const numbers = [
    0,
    1,
    -1,
    230.1,
    -230.1,
    0.05,
    -0.5,
    1.005,
    99.999,
    100.001,
    12345.678,
    0.1 + 0.2,
    1e21,
    1e-7,
    -1e-9,
    5e-324,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    2 ** 53 + 2,
    Math.fround(229.8),
    Math.fround(0.1),
    9007199254740.99,
    90071992547409.9,
    0.00001,
    123456789.12345,
  ];
  test.each(numbers)('%s', (value) => {
    expect(readingOf({ value })).toMatchObject({ value, quality: 'good' });
    expect(textOf({ value })).toContain(`"value":${String(value)},`);
  });

  test.each([
    ['minus zero is zero', -0, '0'],
    ['an integer beyond 2^53 is a string', 18_446_744_073_709_551_615n, '"18446744073709551615"'],
    ['a negative one too', -9_223_372_036_854_775_808n, '"-9223372036854775808"'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['a text', 'off', '"off"'],
    ['quotes, backslashes and control characters', 'a"b\\c\n\u0000', String.raw`"a\"b\\c\n\u0000"`],
    ['letters beyond ASCII', 'Genève 水 🌊', String.raw`"Gen\u00e8ve \u6c34 \ud83c\udf0a"`],
    ['line separators', '\u2028', String.raw`"\u2028"`],
  ])('%s', (_, value, text) => {
    expect(textOf({ value })).toContain(`"value":${text},"quality"`);
    expect(typeof value === 'string' ? readingOf({ value })['value'] : value).toBe(value);
  });

  test.each([NaN, Infinity, -Infinity])('%s is no number: should one come this far, it is a bad reading', (value) => {
    expect(readingOf({ value })).toMatchObject({ value: null, quality: 'bad', reason: 'not-a-number' });
  });

  test('a random decimal of any number of places', () => {
    for (let index = 0; index < 5000; index += 1) {
      const value = Number((Math.random() * 10 ** (index % 9) - 1).toFixed(index % 8));
      expect(readingOf({ value })['value']).toBe(value === 0 ? 0 : value);
    }
  });
});

test('an uncertain reading keeps its value and says why', () => {
  expect(readingOf({ value: 7, quality: 'uncertain', reason: 'time' })).toMatchObject({
    value: 7,
    quality: 'uncertain',
    reason: 'time',
  });
});

test.each([
  ['in the hour that summer time repeats', Date.UTC(2026, 9, 25, 1, 30), '2026-10-25T01:30:00.000Z'],
  ['on the last millisecond of a year', Date.UTC(2026, 11, 31, 23, 59, 59, 999), '2026-12-31T23:59:59.999Z'],
  ['on a leap day', Date.UTC(2028, 1, 29), '2028-02-29T00:00:00.000Z'],
])('time is UTC with milliseconds %s', (_, wall, text) => {
  expect(readingOf({ value: 1, receivedTime: wall - START })['time']).toBe(text);
});

test.each([
  [Date.UTC(1601, 0, 1), '1601-01-01T00:00:00.000Z'],
  [Date.UTC(2099, 11, 31), '2099-12-31T00:00:00.000Z'],
  [8.64e15, undefined],
  [-8.64e15, undefined],
])('the device time %d goes along only where a date can say it', (sourceTime, text) => {
  expect(readingOf({ value: 1, sourceTime })['sourceTime']).toBe(text);
});

test('an old definition with another unit names its unit', () => {
  expect(readingOf({ point: 2, value: 5 })).toMatchObject({ point: 'old/energy', unit: 'W.h' });
});

test('points that are not selected are passed over and yet looked at', () => {
  const json = encoder();
  const stop = json.add(batchOf([{ point: 3, value: 1 }, { value: 2 }, { point: 3, value: 3 }]), 0, 3, ROOMY);
  expect({ stop, count: json.count, sequence: json.newest?.sequence }).toEqual({ stop: 3, count: 1, sequence: 2 });
});

test('a message takes no more readings than allowed, and the next one goes on where it stopped', () => {
  const json = encoder();
  const readings = batchOf(Array.from({ length: 10 }, (_, value) => ({ value })));
  expect(json.add(readings, 0, 10, { ...ROOMY, readings: 4 })).toBe(4);
  finished(json, 0, 4);
  expect(json.add(readings, 4, 10, { ...ROOMY, readings: 4 })).toBe(8);
  const message = JSON.parse(finished(json, 4, 8).payload.toString()) as { readings: { seq: number }[] };
  expect(message.readings.map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
});

test('a message takes no more bytes than allowed, except for its first reading', () => {
  const json = encoder();
  const text = 'x'.repeat(500);
  const readings = batchOf([{ value: text }, { value: text }, { value: text }]);
  const bytes = 1500;
  expect(json.add(readings, 0, 3, { readings: 1000, bytes })).toBe(2);
  expect(finished(json, 0, 2).payload.length).toBeLessThanOrEqual(bytes);
  expect(json.add(readings, 2, 3, { readings: 1000, bytes: 100 })).toBe(3);
});

test('an empty message still says what it covers', () => {
  expect(JSON.parse(finished(encoder(), 5, 9).payload.toString())).toMatchObject({ covers: [5, 9], readings: [] });
});
