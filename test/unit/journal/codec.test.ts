import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import { reasonNumbers, type Reading, type Reason, type Value } from '../../../src/model/reading.ts';
import { valueKinds } from '../../../src/journal/codec.ts';
import { createDecoder } from '../../../src/journal/decode.ts';
import { createEncoder } from '../../../src/journal/encode.ts';
import { decodedReadings } from '../../support/decoded-readings.ts';
import { reading } from '../../support/journals.ts';
import { randomNumbers, type RandomNumbers } from '../../support/random-numbers.ts';

const reasons = Object.keys(reasonNumbers) as Reason[];
const texts = ['', 'on', 'Zähler läuft', '水位', '\u0000', '🌊'.repeat(50)];

function randomValue(random: RandomNumbers): Value {
  const makers: (() => Value)[] = [
    () => random.below(200) - 100,
    () => Number(random.integer(53)),
    () => Math.fround(random.float64()),
    () => random.float64(),
    () => (random.below(2_000_000) - 1_000_000) / 10 ** random.below(7),
    () => random.integer(64),
    () => random.below(2) === 0,
    () => texts[random.below(texts.length)] ?? '',
  ];
  return makers[random.below(makers.length)]?.() ?? 0;
}

function randomReading(random: RandomNumbers): Reading {
  const origin = {
    point: random.below(3) === 0 ? random.below(2 ** 32) : random.below(100),
    sourceTime: random.below(4) === 0 ? random.below(2 ** 31) * 1_000 : null,
    receivedTime: random.below(2 ** 31),
  };
  const reason = reasons[random.below(reasons.length)] ?? 'no-answer';
  if (random.below(5) === 0) return { ...origin, quality: 'bad', value: null, reason };
  const quality = random.below(4) === 0 ? 'uncertain' : 'good';
  const value = randomValue(random);
  return random.below(4) === 0 ? { ...origin, quality, value, reason } : { ...origin, quality, value };
}

function sealed(readings: readonly Reading[]): Uint8Array {
  const encoder = createEncoder();
  for (const one of readings) encoder.add(one);
  return encoder.seal();
}

test('whatever readings go in come out again', () => {
  const random = randomNumbers(1);
  const encoder = createEncoder();
  for (let round = 0; round < 300; round += 1) {
    const readings = Array.from({ length: random.below(200) }, () => randomReading(random));
    for (const one of readings) encoder.add(one);
    expect(encoder.count).toBe(readings.length);
    expect(decodedReadings(encoder.seal())).toEqual(readings);
  }
});

const exact: Record<string, (number | bigint)[]> = {
  integers: [0, 1, -1, 63, 64, -64, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  fractions: [0.1, 230.1, -230.1, 0.5, 1e-5, 1 / 3, Math.fround(230.1), 123_456_789.123_45],
  extremes: [-0, NaN, Infinity, -Infinity, 1e21, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE],
  'integers of 64 bits and more': [0n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 10n ** 30n],
};

test.each(Object.entries(exact))('%s keep their exact values', (_, values) => {
  const out = decodedReadings(sealed(values.map((value) => reading(value)))).map(({ value }) => value);
  for (const [index, value] of values.entries()) expect(out[index]).toBe(value);
});

test('a scaled register takes as few bytes as its integer, and says its digits', () => {
  const scaled = sealed([reading(230.1)]);
  expect(scaled.length).toBe(sealed([reading(2301)]).length);
  const { kinds, numbers } = createDecoder()(scaled);
  expect(kinds[0]).toBe(valueKinds.decimal);
  expect(Math.round((numbers[0] ?? 0) * 10)).toBe(2301);
});

test('times are whole milliseconds, and the encoder knows the oldest and the newest', () => {
  const encoder = createEncoder();
  for (const time of [1_000.75, 999.25, 1_001.5]) encoder.add(reading(1, time));
  expect([encoder.oldest, encoder.newest]).toEqual([999, 1_001]);
  expect(decodedReadings(encoder.seal()).map(({ receivedTime }) => receivedTime)).toEqual([1_000, 999, 1_001]);
  expect([encoder.oldest, encoder.newest, encoder.count]).toEqual([Infinity, -Infinity, 0]);
});

test('a batch is as long as its buffer, so that it can be given away', () => {
  const body = sealed([reading(1), reading('two'), reading(3.5)]);
  expect(body.byteLength).toBe(body.buffer.byteLength);
});

test('a decoder uses its columns again, and nothing of the batch before shines through', () => {
  const decode = createDecoder();
  decode(sealed([{ ...reading('text'), sourceTime: 5 }, reading(7n), reading(8)]));
  const columns = decode(sealed([{ ...reading(true), sourceTime: null }]));
  expect(columns).toMatchObject({ count: 1, sourceTimes: undefined });
  expect(columns.kinds[0]).toBe(valueKinds.true);
});

/** What decoding `bytes` comes to; anything but readings or our own error fails the test. */
function outcome(bytes: Uint8Array): 'readings' | 'refused' {
  try {
    createDecoder()(bytes);
    return 'readings';
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'journal-corrupt' });
    return 'refused';
  }
}

test('a batch that is cut short anywhere is refused', () => {
  const random = randomNumbers(2);
  const body = sealed(Array.from({ length: 60 }, () => randomReading(random)));
  for (let length = 0; length < body.length; length += 1) expect(outcome(body.subarray(0, length))).toBe('refused');
});

test('a batch with bytes behind its end is refused', () => {
  expect(outcome(new Uint8Array([...sealed([reading(1)]), 0]))).toBe('refused');
});

test('bytes that are flipped or random never do worse than to be refused or read as other readings', () => {
  const random = randomNumbers(3);
  const body = sealed(Array.from({ length: 40 }, () => randomReading(random)));
  const seen = { readings: 0, refused: 0 };
  for (let bit = 0; bit < 8 * body.length; bit += 1) {
    const flipped = body.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    seen[outcome(flipped)] += 1;
  }
  expect(Math.min(seen.readings, seen.refused)).toBeGreaterThan(0);
  for (let round = 0; round < 20_000; round += 1) {
    outcome(Uint8Array.from({ length: random.below(64) }, (_, index) => (index === 0 ? 1 : random.below(256))));
  }
});

test('a count that the bytes cannot hold is refused before anything is allocated for it', () => {
  expect(outcome(Uint8Array.of(1, 0xff, 0xff, 0x03, 0, 0, 0, 0, 0, 0))).toBe('refused');
  expect(outcome(Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f))).toBe('refused');
});

test('a batch of an unknown version is refused by its number', () => {
  const body = sealed([reading(1)]);
  body[0] = 2;
  expect(() => createDecoder()(body)).toThrow('its version is 2, known is 1');
});
