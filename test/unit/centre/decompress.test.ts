import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, parseMessage } from '../../../src/centre/parse.ts';
import { compressing } from '../../../src/forward/compress.ts';
import { jsonFormat } from '../../../src/forward/formats/json.ts';
import { packetOverhead } from '../../../src/forward/packet-size.ts';
import { batchOf, knownPoint, only, sessionFacts, START } from '../../support/formats.ts';

const TOPIC = 'weir/1/harbour-07/live';

function message(compression: 'none' | 'zstd' | 'gzip', count: number) {
  const session = compressing(jsonFormat.session(sessionFacts()), compression);
  const encoder = session.encoder('live', () => knownPoint('meter/power', 0));
  const batch = batchOf(Array.from({ length: count }, (_, index) => ({ value: index / 10 })));
  encoder.add(batch, 0, count, { readings: 1000, bytes: 100_000 });
  const covers = { after: 0, upto: count };
  return { session, sent: only(encoder.finish({ covers, clock: 'synchronised', sent: START })) };
}

describe.each(['zstd', 'gzip'] as const)('%s', (compression) => {
  test('makes a message a fraction of its size, and a centre reads it as before', () => {
    const plain = message('none', 500).sent;
    const { session, sent } = message(compression, 500);
    expect(sent.payload.length).toBeLessThan(plain.payload.length / 5);
    expect(sent.properties).toMatchObject({ encoding: compression, covers: '0,500' });
    expect(packetOverhead(sent.topic, sent.properties)).toBeLessThanOrEqual(session.overhead);
    expect(parseMessage(TOPIC, sent.payload)).toEqual(parseMessage(TOPIC, plain.payload));
  });

  test('leaves short messages as they are, and what is said about the gateway', () => {
    expect(message(compression, 1).sent).toEqual(message('none', 1).sent);
    const { session } = message(compression, 1);
    const plain = jsonFormat.session(sessionFacts());
    expect(session.introduction([], START)).toEqual(plain.introduction([], START));
    expect(session.will).toEqual(plain.will);
  });
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('a centre does not let itself be filled by %s', (_, compress) => {
  const bomb = compress(Buffer.alloc(4 * MAX_MESSAGE_BYTES, ' '));
  expect(bomb.length).toBeLessThan(MAX_MESSAGE_BYTES / 10);
  expect(parseMessage(TOPIC, bomb)).toMatchObject({ kind: 'rejected', reason: 'not-json' });
  expect(parseMessage(TOPIC, bomb.subarray(0, 20))).toMatchObject({ kind: 'rejected', reason: 'not-json' });
});
