import { describe, expect, test } from 'vitest';
import { Transactions } from '../../../drivers/modbus/frame.ts';
import { mutateAnswers } from '../../support/modbus-mutations.ts';
import { holdPort } from '../../support/modbus-wire.ts';

// Unit 17 is asked for holding registers 107 to 109, as transaction 0x1503.
const REQUEST = Buffer.from('1103006b00037687', 'hex');
const ANSWER = '150300000009110306022b00000064';
const DELIVERED = '110306022b00000064c8ba';

function ask(...pieces: readonly string[]) {
  const held = holdPort(new Transactions(0x1502));
  held.port.write(REQUEST);
  for (const piece of pieces) held.port.received(Buffer.from(piece, 'hex'));
  return held;
}

test('a request gets a transaction number instead of its CRC, and its answer a CRC again', () => {
  const { sent, delivered, oddities } = ask(ANSWER);
  expect({ sent, delivered, oddities }).toEqual({
    sent: ['1503000000061103006b0003'],
    delivered: [DELIVERED],
    oddities: [],
  });
});

test('an answer may arrive in any pieces', () => {
  for (let cut = 0; cut <= ANSWER.length; cut += 2) {
    expect(ask(ANSWER.slice(0, cut), ANSWER.slice(cut)).delivered).toEqual([DELIVERED]);
  }
  expect(ask(...(ANSWER.match(/../g) ?? [])).delivered).toEqual([DELIVERED]);
});

test('an exception is an answer', () => {
  expect(ask('150300000003118302').delivered).toEqual(['118302c134']);
});

describe('never delivered:', () => {
  test.each([
    ['another unit', '150300000009120306022b00000064', 'foreign-answer'],
    ['another function', '150300000009110406022b00000064', 'foreign-answer'],
    ['an exception to another function', '150300000003118402', 'foreign-answer'],
    ['a transaction that was never asked', '150400000009110306022b00000064', 'foreign-answer'],
    ['another byte count', '150300000009110304022b00000064', 'malformed-answer'],
    ['fewer bytes than were asked', '150300000007110304022b0000', 'malformed-answer'],
    ['more bytes than were asked', '15030000000b110308022b000000640000', 'malformed-answer'],
    ['more bytes than it says', '15030000000a110306022b0000006400', 'malformed-answer'],
    ['an exception with a tail', '15030000000411830200', 'malformed-answer'],
    ['exception 0', '150300000003118300', 'malformed-answer'],
    ['another protocol', '150300010009110306022b00000064', 'malformed-answer'],
    ['a length of 2', '1503000000021103', 'malformed-answer'],
    ['a length of 255', '1503000000ff1103', 'malformed-answer'],
    ['a length of 65535, before its bytes come', '15030000ffff', 'malformed-answer'],
  ])('%s', (_, frame, oddity) => {
    const { delivered, oddities } = ask(frame);
    expect({ delivered, oddities }).toEqual({ delivered: [], oddities: [oddity] });
  });

  test('half an answer', () => {
    const { delivered, oddities } = ask(ANSWER.slice(0, -2));
    expect({ delivered, oddities }).toEqual({ delivered: [], oddities: [] });
  });

  test('the second of two answers, in one chunk or in two', () => {
    for (const pieces of [[ANSWER + ANSWER], [ANSWER, ANSWER]]) {
      const { delivered, oddities } = ask(...pieces);
      expect({ delivered, oddities }).toEqual({ delivered: [DELIVERED], oddities: ['late'] });
    }
  });

  test('the answer to an earlier request: it is thrown away, and the one to this request is taken', () => {
    const held = ask(ANSWER);
    held.port.write(REQUEST);
    held.port.received(Buffer.from(ANSWER, 'hex'));
    expect(held.delivered).toEqual([DELIVERED]);
    held.port.received(Buffer.from(`1504${ANSWER.slice(4)}`, 'hex'));
    expect(held).toMatchObject({ delivered: [DELIVERED, DELIVERED], oddities: ['late'] });
  });

  test('anything before the first request', () => {
    const held = holdPort(new Transactions(0x1502));
    held.port.received(Buffer.from(ANSWER, 'hex'));
    expect(held).toMatchObject({ delivered: [], oddities: ['foreign-answer'] });
  });
});

describe('transaction numbers', () => {
  test('begin again after 65535', () => {
    const transactions = new Transactions(0xfffe);
    expect([transactions.next(), transactions.next()]).toEqual([0xffff, 0]);
  });

  test('are known for half of their circle', () => {
    const transactions = new Transactions(0);
    expect(transactions.wasIssued(0)).toBe(false);
    for (let request = 0; request < 40_000; request++) transactions.next();
    expect([40_000, 40_000 - 300, 7_233, 7_232, 40_001].map((number) => transactions.wasIssued(number))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('begin anywhere', () => {
    const starts = new Set(Array.from({ length: 20 }, () => new Transactions().next()));
    expect(starts.size).toBeGreaterThan(10);
  });
});

test('100 000 mutated answers: nothing throws, and nothing gets through that is not the answer', () => {
  const { wrong, delivered, untouched } = mutateAnswers(100_000, 2026);
  expect(wrong).toEqual([]);
  expect(delivered).toBeGreaterThan(untouched);
});
