import { expect, test } from 'vitest';
import type { Draft } from '../../../src/forward/composer.ts';
import { Cursor } from '../../../src/forward/cursor.ts';
import { Suspicion, type Task } from '../../../src/forward/suspicion.ts';
import type { CommittedBatch } from '../../../src/journal/journal.ts';
import type { Range } from '../../../src/model/ranges.ts';

function batch(first: number, count: number): CommittedBatch {
  return { class: 'normal', first, count, anchor: 1, from: 0, to: 0, body: new Uint8Array(count) };
}

test('a cursor that begins and ends in the middle of a batch looks at no more than its range', () => {
  const cursor = new Cursor({ after: 14, upto: 17 });
  cursor.load([batch(11, 10)], 20, 0);
  expect(cursor.head()).toMatchObject({ from: 4, to: 7 });
  cursor.advance(7);
  expect(cursor.isAtEnd).toBe(true);
  expect(cursor.cover()).toEqual({ after: 14, upto: 17 });
});

test('what retention took away is covered with what follows it', () => {
  const cursor = new Cursor({ after: 0, upto: 100 });
  cursor.load([batch(51, 10)], 60, 0);
  cursor.advance(10);
  expect(cursor.cover()).toEqual({ after: 0, upto: 60 });
  cursor.load([], 100, 0);
  expect(cursor.isAtEnd).toBe(true);
  expect(cursor.cover()).toEqual({ after: 60, upto: 100 });
});

test('a batch in two messages gives two coverages without a hole', () => {
  const cursor = new Cursor({ after: 0, upto: Infinity });
  cursor.load([batch(1, 10)], 10, 0);
  cursor.advance(4);
  expect(cursor.cover()).toEqual({ after: 0, upto: 4 });
  expect(cursor.head()).toMatchObject({ from: 4, to: 10 });
  cursor.advance(10);
  expect(cursor.cover()).toEqual({ after: 4, upto: 10 });
  expect(cursor.isEmpty).toBe(true);
  expect(cursor.bytes).toBe(0);
});

test('a jump hands over everything that no message covers yet', () => {
  const cursor = new Cursor({ after: 0, upto: Infinity });
  cursor.load([batch(1, 10), batch(11, 10)], 20, 5);
  expect(cursor.waitingSince).toBe(5);
  cursor.advance(4);
  expect(cursor.jump(20)).toEqual({ after: 0, upto: 20 });
  expect(cursor.isEmpty).toBe(true);
  cursor.load([batch(21, 1)], 21, 9);
  cursor.advance(1);
  expect(cursor.cover()).toEqual({ after: 20, upto: 21 });
});

function draft({ after, upto }: Range): Draft {
  const count = upto - after;
  return { messages: [], bytes: count * 100, lane: 'live', covers: { after, upto }, count, newest: undefined };
}

/** Sends `total` readings to a broker that closes whenever `poison` is in a message; returns what was given up. */
function deliver(total: number, poison: number): { lost: Range; connections: number } {
  const suspicion = new Suspicion();
  suspicion.ended([draft({ after: 0, upto: total })], false);
  for (let connections = 2; connections < 200; connections += 1) {
    const held = suspicion.held === undefined ? [] : [{ range: suspicion.held, readings: 1 }];
    for (const next of [...suspicion.tasks, ...held].flatMap(messagesOf)) {
      if (suspicion.isConvicted(next)) return { lost: next.covers, connections };
      if (poison > next.covers.after && poison <= next.covers.upto) {
        suspicion.ended([next], true); // what is read now was taken before
        break;
      }
      suspicion.passed(next.covers);
    }
  }
  throw new Error('it was never found');
}

function messagesOf({ range: { after, upto }, readings }: Task): Draft[] {
  const drafts: Draft[] = [];
  for (let at = after; at < upto; at += readings)
    drafts.push(draft({ after: at, upto: Math.min(upto, at + readings) }));
  return drafts;
}

test.each([1, 2, 500, 999, 1000])('reading %d of 1000, which ends every connection, is found in a few', (poison) => {
  const { lost, connections } = deliver(1000, poison);
  expect(lost).toEqual({ after: poison - 1, upto: poison });
  expect(connections).toBeLessThan(25);
});

test('a message that ends one connection by accident is not halved', () => {
  const suspicion = new Suspicion();
  suspicion.ended([draft({ after: 0, upto: 100 })], true);
  expect(suspicion.tasks).toEqual([{ range: { after: 0, upto: 100 }, readings: Infinity }]);
  expect(suspicion.bytes).toBe(Infinity);
  suspicion.passed({ after: 0, upto: 100 });
  expect(suspicion.isOpen).toBe(false);
});

test('several on their way when a connection ends are all unclear, and none is accused', () => {
  const suspicion = new Suspicion();
  for (let end = 0; end < 5; end += 1) {
    suspicion.ended([draft({ after: 0, upto: 10 }), draft({ after: 10, upto: 20 })], true);
  }
  expect(suspicion.tasks).toEqual([{ range: { after: 0, upto: 20 }, readings: Infinity }]);
});

test('a broker that takes nothing at all costs no reading, however often it ends the connection', () => {
  const suspicion = new Suspicion();
  const only = draft({ after: 0, upto: 1 });
  for (let end = 0; end < 100; end += 1) suspicion.ended([only], false);
  expect(suspicion.isConvicted(only)).toBe(false);
  expect(suspicion.tasks).toEqual([]);
  expect(suspicion.held).toEqual({ after: 0, upto: 1 });
});
