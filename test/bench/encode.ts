// What a reading costs from a committed batch to the bytes of a message, decoding included, beside JSON.stringify of
// the same readings as objects: node test/bench/encode.ts

import type { DataEncoder, PointLookup } from '../../src/forward/format.ts';
import { jsonFormat } from '../../src/forward/formats/json.ts';
import { sparkplugFormat } from '../../src/forward/formats/sparkplug/format.ts';
import { createDecoder } from '../../src/journal/decode.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import { isoTime } from '../../src/model/clock.ts';
import { knownPoint, sessionFacts } from '../support/formats.ts';

const READINGS = 1000; // a batch, and a message
const POINTS = 100;
const BATCHES = 500; // different ones, so that no cache of number texts helps
const OFFSET = Date.UTC(2026, 10, 22, 9, 15);
const LIMITS = { readings: READINGS, bytes: 256 * 1024 };

const ids = Array.from({ length: POINTS }, (_, number) => `meter-${number % 10}/active-power-${number}`);

/** A mixture of registers: integers, tenths, thousandths, and floats of 32 bits. */
const values = [
  (random: number) => Math.round(random * 1e6),
  (random: number) => Math.round(random * 1e5) / 10,
  (random: number) => Math.round(random * 1e6) / 1000,
  (random: number) => Math.fround(random * 230),
] as const;

function batch(number: number): Uint8Array {
  const encoder = createEncoder();
  for (let index = 0; index < READINGS; index += 1) {
    const value = (values[index % values.length] ?? values[0])(Math.random());
    const receivedTime = number * 100 + Math.floor(index / POINTS) * 10; // one answer holds a hundred points
    encoder.add({ point: index % POINTS, sourceTime: null, receivedTime, quality: 'good', value });
  }
  return encoder.seal();
}

const batches = Array.from({ length: BATCHES }, (_, number) => batch(number));
const decode = createDecoder();
const known = ids.map((id, number) => knownPoint(id, number));
const lookup: PointLookup = (point) => known[point] ?? null;
const json = jsonFormat.session(sessionFacts()).encoder('live', lookup);
const sparkplug = sparkplugFormat.session(sessionFacts());
sparkplug.introduction(known, OFFSET);
const metrics = sparkplug.encoder('live', lookup);

function encodeWith(encoder: DataEncoder): (body: Uint8Array, first: number) => number {
  return (body, first) => {
    encoder.add({ columns: decode(body), first, offset: OFFSET }, 0, READINGS, LIMITS);
    const covers = { after: first - 1, upto: first + READINGS - 1 };
    const messages = encoder.finish({ covers, clock: 'synchronised', sent: OFFSET });
    return messages.reduce((sum, { payload }) => sum + payload.length, 0);
  };
}

function objects(body: Uint8Array, first: number): number {
  const { count, points, times, numbers } = decode(body);
  const readings = Array.from({ length: count }, (_, index) => ({
    seq: first + index,
    point: ids[points[index] ?? 0],
    time: isoTime((times[index] ?? 0) + OFFSET),
    value: numbers[index],
    quality: 'good',
  }));
  const covers = [first - 1, first + READINGS - 1];
  return Buffer.from(JSON.stringify({ gateway: 'harbour-07', covers, clock: 'synchronised', readings })).length;
}

function measure(name: string, encode: (body: Uint8Array, first: number) => number): void {
  let bytes = 0;
  const began = process.cpuUsage();
  for (const [number, body] of batches.entries()) bytes += encode(body, 1_000_000 + number * READINGS);
  const { user, system } = process.cpuUsage(began);
  const microseconds = ((user + system) / (BATCHES * READINGS)).toFixed(3);
  console.log(
    JSON.stringify({
      name,
      microsecondsPerReading: Number(microseconds),
      bytesPerReading: Math.round(bytes / (BATCHES * READINGS)),
    }),
  );
}

for (let round = 0; round < 3; round += 1) {
  measure('decode alone', (body) => decode(body).count);
  measure('decode and encode as json', encodeWith(json));
  measure('decode and encode as sparkplug-b', encodeWith(metrics));
  measure('decode and JSON.stringify', objects);
}
