import { Transactions } from '../../drivers/modbus/frame.ts';
import { answerFrame, exceptionFrame, honestFrame, type AskedFrame } from './played-modbus.ts';
import { holdPort } from './modbus-wire.ts';
import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

/** What the port made of mutated answers. */
export type MutationReport = { delivered: number; untouched: number; wrong: string[] };

/**
 * Asks a random question, mangles its answer, delivers that in random pieces: `count` times.
 * Wrong is what got through without being one whole frame of the stream that agrees with the question in every field,
 * and what did not get through although it was not mangled.
 */
export function mutateAnswers(count: number, seed: number): MutationReport {
  const random = randomNumbers(seed);
  const report: MutationReport = { delivered: 0, untouched: 0, wrong: [] };
  for (let round = 0; round < count; round++) {
    const asked = drawQuestion(random);
    const answer = random.below(8) === 0 ? exceptionFrame(asked, 1 + random.below(11)) : honestFrame(asked);
    const mutation = mutations[random.below(mutations.length)] ?? keep;
    const stream = mutation(answer, random, asked);
    const delivered = deliver(asked, inPieces(stream, random));
    report.delivered += delivered.length;
    if (mutation === keep) report.untouched += 1;
    const right = delivered.every((frame) => isAnswer(frame, asked, stream)) && delivered.length <= 1;
    if (!right || (mutation === keep && delivered.length !== 1)) report.wrong.push(stream.toString('hex'));
  }
  return report;
}

/** What gets through when `asked` is asked and the pieces arrive. */
function deliver(asked: AskedFrame, pieces: Iterable<Buffer>): readonly string[] {
  const { port, delivered, oddities } = holdPort(new Transactions(asked.transaction - 1));
  port.write(rtuRequest(asked));
  for (const piece of pieces) {
    port.received(piece);
    // The driver destroys its wire here, and nothing is read any more.
    if (oddities.some((oddity) => oddity !== 'late')) break;
  }
  return delivered;
}

function drawQuestion(random: RandomNumbers): AskedFrame {
  const code = 1 + random.below(4);
  return {
    transaction: 1 + random.below(0xffff),
    unit: random.below(256),
    code,
    address: random.below(1_000),
    amount: 1 + random.below(code <= 2 ? 200 : 20),
  };
}

function rtuRequest({ unit, code, address, amount }: AskedFrame): Buffer {
  const request = Buffer.from([unit, code, 0, 0, 0, 0, 0, 0]);
  request.writeUInt16BE(address, 2);
  request.writeUInt16BE(amount, 4);
  return request;
}

type Mutation = (answer: Buffer, random: RandomNumbers, asked: AskedFrame) => Buffer;

const keep: Mutation = (answer) => answer;

const randomBytes = (random: RandomNumbers, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

const mutations: readonly Mutation[] = [
  keep,
  (answer, random) => answer.subarray(0, random.below(answer.length)),
  (answer) => Buffer.concat([answer, answer]),
  (answer, random) => Buffer.concat([answer, randomBytes(random, 1 + random.below(30))]),
  (answer, random) => Buffer.concat([randomBytes(random, 1 + random.below(30)), answer]),
  (answer, random) => {
    const flipped = Buffer.from(answer);
    const index = random.below(flipped.length);
    flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << random.below(8)), index);
    return flipped;
  },
  // The header and the first bytes of the PDU, where every field counts.
  (answer, random) => {
    const changed = Buffer.from(answer);
    for (let hits = 1 + random.below(3); hits > 0; hits--) changed.writeUInt8(random.below(256), random.below(9));
    return changed;
  },
  (answer, random) => {
    const cut = random.below(answer.length);
    return Buffer.concat([answer.subarray(0, cut), answer.subarray(cut + 1 + random.below(4))]);
  },
  (answer, random) => {
    const cut = random.below(answer.length);
    return Buffer.concat([answer.subarray(0, cut), randomBytes(random, 1 + random.below(4)), answer.subarray(cut)]);
  },
  (_, random) => randomBytes(random, random.below(300)),
  // A well-formed answer to some other question, then the true one.
  (answer, random, asked) => {
    const other = { ...asked, transaction: asked.transaction ^ (1 << random.below(16)) };
    return Buffer.concat([answerFrame(other, randomBytes(random, random.below(40))), answer]);
  },
];

function* inPieces(stream: Buffer, random: RandomNumbers): Generator<Buffer> {
  for (let start = 0; start < stream.length;) {
    const end = start + 1 + random.below(random.below(2) === 0 ? 4 : 300);
    // A copy, because a socket too hands over memory of its own.
    yield Buffer.from(stream.subarray(start, end));
    start = end;
  }
}

/** Judged from the outside, field by field: shares no code with the driver. */
function isAnswer(rtu: string, asked: AskedFrame, stream: Buffer): boolean {
  const body = Buffer.from(rtu, 'hex').subarray(0, -2);
  const due = asked.code <= 2 ? Math.ceil(asked.amount / 8) : asked.amount * 2;
  const exception = body[1] === (asked.code | 0x80) && body.length === 3 && body[2] !== 0;
  const data = body[1] === asked.code && body[2] === due && body.length === 3 + due;
  const header = Buffer.from([asked.transaction >> 8, asked.transaction & 0xff, 0, 0, 0, body.length]);
  return body[0] === asked.unit && (exception || data) && stream.includes(Buffer.concat([header, body]));
}
