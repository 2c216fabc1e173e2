import { describe, expect, test } from 'vitest';
import { NumberedClient } from '../../../drivers/modbus/numbered-client.ts';
import { readQuestion } from '../../../drivers/modbus/pdu.ts';
import { tcpFraming, udpFraming } from '../../../drivers/modbus/tcp-framing.ts';
import { Transactions } from '../../../drivers/modbus/transactions.ts';
import type { TracedFrame } from '../../../src/wire/trace.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { HeldWire } from '../../support/held-wire.ts';

// Unit 17 is asked for holding registers 107 to 109, as transaction 0x1503.
const QUESTION = readQuestion(17, { table: 'holding', address: 107, size: 3 });
const REQUEST = '1503000000061103006b0003';
const ANSWER = '150300000009110306022b00000064';
const PDU = '0306022b00000064';

const never = new AbortController().signal;

/** A client whose next transaction is 0x1503, and everything it does. */
function hold({ pipeline = 1, framing = tcpFraming } = {}) {
  const wire = new HeldWire();
  const clock = new FakeClock();
  const events: string[] = [];
  const traced: TracedFrame[] = [];
  const context = {
    clock,
    observe: (event: string) => events.push(event),
    tap: { listener: (frame: TracedFrame) => traced.push(frame) },
  };
  const client = new NumberedClient(wire, { framing, transactions: new Transactions(0x1502), pipeline }, context);
  const ask = (question = QUESTION, signal = never): Promise<string> =>
    client
      .ask({ question, device: 'meter', wait: 1_000, askedAt: clock.monotonic(), isProbe: false }, signal)
      .then((answer) => {
        if (answer.kind === 'answer') return answer.pdu.toString('hex');
        return answer.kind === 'exception' ? `exception ${answer.code}` : answer.reason;
      });
  const deliver = (...pieces: readonly string[]): void => {
    for (const piece of pieces) wire.deliver(Buffer.from(piece, 'hex'));
  };
  return { wire, clock, client, events, traced, ask, deliver };
}

test('a request gets a transaction number, and its answer is the PDU behind the same', async () => {
  const held = hold();
  const answer = held.ask();
  held.deliver(ANSWER);
  expect(await answer).toBe(PDU);
  expect(held.wire.sent.map((bytes) => bytes.toString('hex'))).toEqual([REQUEST]);
  expect(held.events).toEqual([]);
});

test('an answer may arrive in any pieces', async () => {
  for (let cut = 0; cut <= ANSWER.length; cut += 2) {
    const held = hold();
    const answer = held.ask();
    held.deliver(ANSWER.slice(0, cut), ANSWER.slice(cut));
    expect(await answer).toBe(PDU);
  }
  const held = hold();
  const answer = held.ask();
  held.deliver(...(ANSWER.match(/../g) ?? []));
  expect(await answer).toBe(PDU);
});

test('an exception is an answer', async () => {
  const held = hold();
  const answer = held.ask();
  held.deliver('150300000003118302');
  expect(await answer).toBe('exception 2');
});

describe('never an answer:', () => {
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
    ['a function without data', '1503000000021103', 'malformed-answer'],
    ['a length of 255', '1503000000ff1103', 'malformed-answer'],
    ['a length of 65535, before its bytes come', '15030000ffff', 'malformed-answer'],
  ])('%s', async (_, frame, reason) => {
    const held = hold();
    const answer = held.ask();
    held.deliver(frame);
    expect(await answer).toBe(reason);
    expect(held.events).toEqual([reason.replace('answer', 'frame')]);
    expect(held.client.usable, 'nothing that still comes could be trusted').toBe(false);
  });

  test('half an answer', async () => {
    const held = hold();
    const answer = held.ask();
    held.deliver(ANSWER.slice(0, -2));
    await held.clock.advance(1_000);
    expect(await answer).toBe('no-answer');
    expect(held.events).toEqual(['timeout']);
    expect(held.client.usable).toBe(false);
  });

  test('the second of two answers, in one chunk or in two', async () => {
    for (const pieces of [[ANSWER + ANSWER], [ANSWER, ANSWER]]) {
      const held = hold();
      const answer = held.ask();
      held.deliver(...pieces);
      expect(await answer).toBe(PDU);
      expect(held.events).toEqual(['late-frame']);
    }
  });

  test('the answer to an earlier request: it is thrown away, and the one to this request is taken', async () => {
    const held = hold();
    const first = held.ask();
    held.deliver(ANSWER);
    await first;
    const second = held.ask();
    held.deliver(ANSWER, `1504${ANSWER.slice(4)}`);
    expect(await second).toBe(PDU);
    expect(held.events).toEqual(['late-frame']);
  });

  test('anything before the first request', () => {
    const held = hold();
    held.deliver(ANSWER);
    expect(held.events).toEqual(['foreign-frame']);
  });

  test('two datagrams that make one frame together', async () => {
    const held = hold({ framing: udpFraming });
    const answer = held.ask();
    held.deliver(ANSWER.slice(0, 16), ANSWER.slice(16));
    expect(await answer).toBe('malformed-answer');
  });
});

/** The answer to the request of so many before it. */
function answerTo(index: number): string {
  return `150${3 + index}000000051103020${index}0${index}`;
}

describe('with several requests at once', () => {
  const questions = [0, 1, 2].map((address) => readQuestion(17, { table: 'holding', address, size: 1 }));

  test('answers in any order find theirs by the transaction', async () => {
    const held = hold({ pipeline: 3 });
    const answers = Promise.all(questions.map((question) => held.ask(question)));
    held.deliver(answerTo(2) + answerTo(0), answerTo(1));
    expect(await answers).toEqual(['03020000', '03020101', '03020202']);
  });

  test('no more than allowed are outstanding', async () => {
    const held = hold({ pipeline: 2 });
    const first = questions.slice(0, 2).map((question) => held.ask(question));
    await expect(held.ask(questions[2])).rejects.toMatchObject({ code: 'failed' });
    held.deliver(answerTo(0), answerTo(1));
    expect(await Promise.all(first)).toEqual(['03020000', '03020101']);
  });

  test('one that fails takes the others with it, and is the only one to blame', async () => {
    const held = hold({ pipeline: 3 });
    const answers = Promise.all(questions.map((question) => held.ask(question)));
    held.deliver(answerTo(0), answerTo(1).replace('1103', '1203'));
    expect(await answers).toEqual(['03020000', 'foreign-answer', 'displaced']);
    expect(held.events).toEqual(['foreign-frame']);
  });

  test('one that is given up takes the others with it', async () => {
    const held = hold({ pipeline: 2 });
    const aborter = new AbortController();
    const given = expect(held.ask(questions[0], aborter.signal)).rejects.toThrow('enough');
    const other = held.ask(questions[1]);
    aborter.abort(new Error('enough'));
    await given;
    expect(await other).toBe('displaced');
  });

  test('all of them end when the far end goes away', async () => {
    const held = hold({ pipeline: 3 });
    const answers = Promise.all(questions.map((question) => held.ask(question)));
    held.wire.lose();
    expect(await answers).toEqual(['not-connected', 'not-connected', 'not-connected']);
  });
});

test('every frame is shown with its meaning, while somebody looks', async () => {
  const held = hold();
  const answer = held.ask();
  held.deliver(ANSWER + ANSWER);
  await answer;
  expect(held.traced.map(({ direction, meaning }) => `${direction} ${meaning}`)).toEqual([
    'sent unit 17: read holding 107, 3 registers',
    'received unit 17: holdings: 022b 0000 0064',
    'received late: unit 17: holdings: 022b 0000 0064',
  ]);
  expect(held.traced[0]?.bytes.toString('hex')).toBe(REQUEST);
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
