import { expect, test } from 'vitest';
import { Recording } from '../../../src/wire/replay.ts';
import type { RecordedFrame } from '../../../src/wire/trace-text.ts';

/** Frames by lines such as `0.020 < 0102`. */
function frames(...lines: readonly string[]): readonly RecordedFrame[] {
  return lines.map((line) => {
    const [seconds, arrow, bytes = ''] = line.split(' ');
    const direction = arrow === '>' ? 'sent' : 'received';
    return { seconds: Number(seconds), direction, bytes: Buffer.from(bytes, 'hex'), meaning: '' };
  });
}

/** What is answered to these bytes, given in these chunks: `20 ms 0102`. */
function answers(recording: Recording, ...chunks: readonly string[]): readonly string[] {
  let rest: Buffer = Buffer.alloc(0);
  return chunks.flatMap((chunk) => {
    const reply = recording.reply(Buffer.concat([rest, Buffer.from(chunk, 'hex')]));
    rest = reply.rest;
    return reply.answers.map(({ bytes, after }) => `${Math.round(after)} ms ${bytes.toString('hex')}`);
  });
}

const recorded = frames('0 < ee', '1 > a1a2', '1.020 < b1', '1.030 < b2', '2 > a1a3', '3 > c1', '3.5 < d1');

test('a question is answered with everything that came back, after as long as then', () => {
  expect(answers(new Recording(recorded, 0), 'a1a2')).toEqual(['20 ms b1', '30 ms b2']);
  expect(answers(new Recording(recorded, 0), 'c1')).toEqual(['500 ms d1']);
});

test('what nobody answered then is not answered now', () => {
  expect(answers(new Recording(recorded, 0), 'a1a3', 'c1')).toEqual(['500 ms d1']);
});

test('a question is found in any chunks, behind noise, and several in one chunk', () => {
  expect(answers(new Recording(recorded, 0), 'ffa1', 'a2', 'c1c1')).toEqual([
    '20 ms b1',
    '30 ms b2',
    '500 ms d1',
    '500 ms d1',
  ]);
});

test('what was never asked is left out, and the next question is answered', () => {
  expect(answers(new Recording(recorded, 0), 'a1ff', '00', 'a1', 'c1')).toEqual(['500 ms d1']);
});

test('a question that begins as another one is told from it by its length', () => {
  const recording = new Recording(frames('0 > a1', '0 < 01', '1 > a1a2', '1 < 02'), 0);
  expect(answers(recording, 'a1')).toEqual(['0 ms 01']);
  expect(answers(recording, 'a1a2')).toEqual(['0 ms 02']);
});

test('what was asked several times is answered as it was each time, and then again from the first', () => {
  const recording = new Recording(frames('0 > a1', '0 < 01', '1 > a1', '2 > a1', '2 < 03'), 0);
  expect(answers(recording, 'a1')).toEqual(['0 ms 01']);
  expect(answers(recording, 'a1')).toEqual([]);
  expect(answers(recording, 'a1')).toEqual(['0 ms 03']);
  expect(answers(recording, 'a1')).toEqual(['0 ms 01']);
  expect(recording.size).toBe(1);
});

test('where frames are numbered a question is known by any number, and its answer bears that one', () => {
  const recording = new Recording(frames('0 > 0001aa', '0 < 0001bb', '0 < 0009cc', '1 > 0002aa', '1 < 0002dd'), 2);
  expect(recording.size).toBe(1);
  expect(answers(recording, '7fffaa'), 'an answer to some other question stays one').toEqual([
    '0 ms 7fffbb',
    '0 ms 0009cc',
  ]);
  expect(answers(recording, '80', '00', 'aa')).toEqual(['0 ms 8000dd']);
});

test('the rest never grows beyond the longest question', () => {
  const recording = new Recording(recorded, 2);
  expect(recording.reply(Buffer.alloc(100_000, 0xa1)).rest.length).toBeLessThanOrEqual(2);
});
