import { asciiFraming } from '../../drivers/modbus/ascii-framing.ts';
import type { Answer, Client } from '../../drivers/modbus/client.ts';
import { NumberedClient } from '../../drivers/modbus/numbered-client.ts';
import { OwedAnswers } from '../../drivers/modbus/owed-answers.ts';
import {
  identificationQuestion,
  maskRegister,
  readQuestion,
  serverIdQuestion,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
  type Question,
} from '../../drivers/modbus/pdu.ts';
import { rtuFraming } from '../../drivers/modbus/rtu-framing.ts';
import { tcpFraming, udpFraming } from '../../drivers/modbus/tcp-framing.ts';
import { Transactions } from '../../drivers/modbus/transactions.ts';
import { TurnClient } from '../../drivers/modbus/turn-client.ts';
import { HeldWire, StillClock } from './held-wire.ts';
import { frameBytes, type FramingName } from './modbus-frames.ts';
import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

/** What became of mutated answers; `wrong` are those that should not have been taken, or should have. */
export type MutationReport = { answered: number; untouched: number; wrong: string[] };

/** A question, and an answer that a device might give. */
type Drawn = { readonly question: Question; readonly transaction: number; readonly answer: Buffer };

/**
 * Asks a random question, mangles its answer, delivers that in random pieces: `count` times, each on a wire of its own.
 * Wrong is what was taken for an answer without being a whole frame of the stream that agrees with the question in every
 * field, and what was not taken although it was not mangled.
 */
export async function mutateAnswers(framing: FramingName, count: number, seed: number): Promise<MutationReport> {
  const random = randomNumbers(seed);
  const report: MutationReport = { answered: 0, untouched: 0, wrong: [] };
  for (let round = 0; round < count; round++) {
    const drawn = draw(random);
    const frame = frameBytes(framing, { ...drawn, unit: drawn.question.unit, pdu: drawn.answer });
    const mutation = mutations[random.below(mutations.length)] ?? keep;
    const stream = mutation(frame, random, drawn, framing);
    const pieces = mutation === keep && framing === 'udp' ? [stream] : inPieces(stream, random);
    const answer = await deliver(framing, drawn, pieces);
    if (mutation === keep) report.untouched += 1;
    if (answer.kind !== 'failed') report.answered += 1;
    const isRight = answer.kind === 'failed' ? mutation !== keep : isAnswer(framing, answer, drawn, stream);
    if (!isRight) report.wrong.push(`${drawn.question.pdu.toString('hex')} < ${stream.toString('hex')}`);
  }
  return report;
}

const never = new AbortController().signal;

/** How the question ends when these pieces arrive, and then nothing. */
function deliver(framing: FramingName, { question, transaction }: Drawn, pieces: Iterable<Buffer>): Promise<Answer> {
  const wire = new HeldWire();
  const clock = new StillClock();
  const client = clientOf(framing, wire, { clock, transaction });
  const asked = { question, device: 'meter', wait: 1_000, askedAt: clock.monotonic(), isProbe: false };
  const answer = client.ask(asked, never);
  for (const piece of pieces) wire.deliver(piece);
  clock.fire();
  client.spend();
  return answer;
}

function clientOf(
  framing: FramingName,
  wire: HeldWire,
  { clock, transaction }: { readonly clock: StillClock; readonly transaction: number },
): Client {
  const context = { clock, observe: () => undefined, tap: { listener: undefined } };
  if (framing === 'tcp' || framing === 'udp') {
    const transactions = new Transactions(transaction - 1);
    const settings = { framing: framing === 'tcp' ? tcpFraming : udpFraming, transactions, pipeline: 1 };
    return new NumberedClient(wire, settings, context);
  }
  const owed = new OwedAnswers();
  const settings = { framing: framing === 'rtu' ? rtuFraming : asciiFraming, owed, echo: false, late: () => undefined };
  return new TurnClient(wire, settings, context);
}

function draw(random: RandomNumbers): Drawn {
  const unit = random.below(256);
  const address = random.below(60_000);
  const size = 1 + random.below(20);
  const data = randomBytes(random, size * 2);
  const kind = KINDS[random.below(KINDS.length)] ?? KINDS[0];
  const { question, answer } = kind({ unit, address, size, data, random });
  const exception = Buffer.of((question.pdu[0] ?? 0) | 0x80, 1 + random.below(11));
  return { question, transaction: 1 + random.below(0xffff), answer: random.below(8) === 0 ? exception : answer };
}

type Dice = {
  readonly unit: number;
  readonly address: number;
  readonly size: number;
  readonly data: Buffer;
  readonly random: RandomNumbers;
};
type Kind = (dice: Dice) => { readonly question: Question; readonly answer: Buffer };

const reads =
  (table: 'coil' | 'discrete' | 'input' | 'holding', code: number): Kind =>
  ({ unit, address, size, data }) => {
    const bits = code <= 2;
    const bytes = bits ? data.subarray(0, Math.ceil((size * 7) / 8)) : data;
    const question = readQuestion(unit, { table, address, size: bits ? size * 7 : size });
    return { question, answer: Buffer.concat([Buffer.of(code, bytes.length), bytes]) };
  };

const echoes =
  (ask: (dice: Dice) => Question, bytes: number): Kind =>
  (dice) => {
    const question = ask(dice);
    return { question, answer: question.pdu.subarray(0, bytes) };
  };

const text = (random: RandomNumbers): Buffer => {
  const value = randomBytes(random, random.below(20));
  return Buffer.concat([Buffer.of(random.below(128), value.length), value]);
};

const KINDS: readonly [Kind, ...Kind[]] = [
  reads('coil', 1),
  reads('discrete', 2),
  reads('holding', 3),
  reads('input', 4),
  echoes(({ unit, address, size }) => writeCoil(unit, address, size > 10), 5),
  echoes(({ unit, address, data }) => writeRegister(unit, address, data), 5),
  echoes(
    ({ unit, address, data }) =>
      writeCoils(
        unit,
        address,
        [...data].map((byte) => byte > 99),
      ),
    5,
  ),
  echoes(({ unit, address, data }) => writeRegisters(unit, address, data), 5),
  echoes(({ unit, address, size }) => maskRegister(unit, address, { and: size, or: 3 }), 7),
  ({ unit, size, random }) => {
    const objects = Array.from({ length: size % 5 }, () => text(random));
    const head = Buffer.of(43, 14, 1, 0x81, 0, 0, objects.length);
    return { question: identificationQuestion(unit, 1, 0), answer: Buffer.concat([head, ...objects]) };
  },
  ({ unit, data }) => ({ question: serverIdQuestion(unit), answer: Buffer.concat([Buffer.of(17, data.length), data]) }),
];

type Mutation = (frame: Buffer, random: RandomNumbers, drawn: Drawn, framing: FramingName) => Buffer;

const keep: Mutation = (frame) => frame;

const randomBytes = (random: RandomNumbers, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

const mutations: readonly Mutation[] = [
  keep,
  (frame, random) => frame.subarray(0, random.below(frame.length)),
  (frame) => Buffer.concat([frame, frame]),
  (frame, random) => Buffer.concat([frame, randomBytes(random, 1 + random.below(30))]),
  (frame, random) => Buffer.concat([randomBytes(random, 1 + random.below(30)), frame]),
  (frame, random) => {
    const flipped = Buffer.from(frame);
    const index = random.below(flipped.length);
    flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << random.below(8)), index);
    return flipped;
  },
  // The first bytes, where every field counts.
  (frame, random) => {
    const changed = Buffer.from(frame);
    for (let hits = 1 + random.below(3); hits > 0; hits--) {
      changed.writeUInt8(random.below(256), random.below(Math.min(9, changed.length)));
    }
    return changed;
  },
  (frame, random) => {
    const cut = random.below(frame.length);
    return Buffer.concat([frame.subarray(0, cut), frame.subarray(cut + 1 + random.below(4))]);
  },
  (frame, random) => {
    const cut = random.below(frame.length);
    return Buffer.concat([frame.subarray(0, cut), randomBytes(random, 1 + random.below(4)), frame.subarray(cut)]);
  },
  (_, random) => randomBytes(random, random.below(300)),
  // A well-formed answer to some other question, and then perhaps the true one.
  (frame, random, drawn, framing) => {
    const other = draw(random);
    const transaction = drawn.transaction ^ (1 << random.below(16));
    const foreign = frameBytes(framing, { transaction, unit: other.question.unit, pdu: other.answer });
    return Buffer.concat([foreign, random.below(2) === 0 ? frame : Buffer.alloc(0)]);
  },
  // The same answer with a right checksum from another unit, of another function, with a byte more or less.
  (_, random, { question, transaction, answer }, framing) => {
    const changed = Buffer.concat([
      answer.subarray(0, answer.length - random.below(2)),
      randomBytes(random, random.below(2)),
    ]);
    changed.writeUInt8(random.below(3) === 0 ? random.below(256) : changed.readUInt8(0), 0);
    return frameBytes(framing, { transaction, unit: question.unit ^ random.below(2), pdu: changed });
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

/** Judged from the outside, field by field. */
function isAnswer(
  framing: FramingName,
  answer: Exclude<Answer, { kind: 'failed' }>,
  { question, transaction }: Drawn,
  stream: Buffer,
): boolean {
  const code = question.pdu.readUInt8(0);
  const pdu = answer.kind === 'answer' ? answer.pdu : Buffer.of(code | 0x80, answer.code);
  const frame = frameBytes(framing, { transaction, unit: question.unit, pdu });
  const isThere = framing === 'ascii' ? upper(stream).includes(upper(frame)) : stream.includes(frame);
  return isThere && (answer.kind === 'exception' ? answer.code > 0 : isDue(pdu, question.pdu));
}

function upper(line: Buffer): string {
  return line.toString('latin1').toUpperCase();
}

/** Whether data answer a request, by the pages of the specification. */
function isDue(pdu: Buffer, request: Buffer): boolean {
  const code = request.readUInt8(0);
  if (pdu.readUInt8(0) !== code) return false;
  if (code <= 4) return isReadDue(pdu, request);
  if (code === 15 || code === 16) return pdu.equals(request.subarray(0, 5));
  if (code === 17) return pdu.length === 2 + pdu.readUInt8(1);
  return code === 43 ? isIdentificationDue(pdu, request) : pdu.equals(request);
}

function isReadDue(pdu: Buffer, request: Buffer): boolean {
  const amount = request.readUInt16BE(3);
  const due = request.readUInt8(0) <= 2 ? Math.ceil(amount / 8) : amount * 2;
  return pdu.readUInt8(1) === due && pdu.length === 2 + due;
}

function isIdentificationDue(pdu: Buffer, request: Buffer): boolean {
  let end = 7;
  for (let object = 0; object < pdu.readUInt8(6); object++) end += 2 + pdu.readUInt8(end + 1);
  return pdu.subarray(1, 3).equals(request.subarray(1, 3)) && pdu.length === end;
}
