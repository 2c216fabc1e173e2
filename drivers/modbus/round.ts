import { badReading } from '../../src/model/reading.ts';
import type { PointNumber, Reading, Reason } from '../../src/model/reading.ts';
import { holdsBits } from './address.ts';
import type { Answer } from './client.ts';
import { bitDecoder, compileDecoder } from './decode.ts';
import type { Decoder } from './decode.ts';
import { exceptions, reasonOfException } from './exceptions.ts';
import { readQuestion } from './pdu.ts';
import type { Question } from './pdu.ts';
import { blockOf } from './plan.ts';
import type { Block, Lesson } from './plan.ts';

/** A request that is ready to run: what is asked, where in the answer each value lies, and how it is decoded. */
export type CompiledBlock = Block & {
  readonly question: Question;
  readonly values: readonly (Decoder & { readonly point: PointNumber; readonly offset: number })[];
  /** Whether its last answer was data: a refusal may then be a passing one. */
  proven: boolean;
};

// Before the data of an answer there are function and byte count.
const DATA_AT = { bytes: 2, bits: 16 } as const;

export function compileBlock(block: Block, unit: number): CompiledBlock {
  const bits = holdsBits(block.table);
  const values = block.fields.map(({ point, address, type, order }) => ({
    ...(bits ? bitDecoder : compileDecoder(type, order)),
    point: point.number,
    offset: bits ? DATA_AT.bits + address - block.address : DATA_AT.bytes + (address - block.address) * 2,
  }));
  return { ...block, question: readQuestion(unit, block), values, proven: false };
}

// A hole in the range, or more registers than the device gives at once: what smaller requests can cure.
const CURED_BY_SPLITTING: readonly number[] = [exceptions.illegalAddress, exceptions.illegalValue];

const SILENCE: Answer = { kind: 'failed', reason: 'no-answer', detail: 'silent before' };

export type RoundSettings = {
  readonly unit: number;
  readonly ask: (block: CompiledBlock) => Promise<Answer>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told of each exception. */
  readonly exception: (block: Block, code: number) => void;
};

/** One read of one device: asks block after block and gathers exactly one reading for each point. */
export class Round {
  readonly readings: Reading[] = [];
  /** Blocks that were asked for and stayed silent, although the device answered others before. */
  readonly unanswered = new Set<Block>();
  readonly #settings: RoundSettings;
  #heard = false;
  #silent = false;
  /** Something other than a refusal went wrong: this round proves nothing about what the device has. */
  #disturbed = false;

  constructor(settings: RoundSettings) {
    this.#settings = settings;
  }

  /** The device has said nothing at all in this round, so no more is asked of it. */
  get silent(): boolean {
    return this.#silent;
  }

  /** The device has said something in this round. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Something went wrong that other requests may suffer from. */
  get disturbed(): boolean {
    return this.#disturbed;
  }

  /** Reads one block; answers with what its refusal taught, mostly nothing. */
  async read(block: CompiledBlock): Promise<readonly Lesson[]> {
    const answer = await this.#ask(block);
    if (isSilence(answer) && !this.#silent) this.unanswered.add(block);
    if (!isCurable(answer, block)) {
      this.#take(block, answer);
      block.proven ||= answer.kind === 'answer';
      return [];
    }
    const lessons = await this.#divide(block);
    // What once worked is refused a second time before it is taken apart: a single exception proves nothing.
    const learned = !block.proven && !this.#disturbed;
    block.proven = false;
    return learned ? lessons : [];
  }

  /** Leaves a block out that is known to be silent. */
  skip(block: CompiledBlock): void {
    this.#take(block, SILENCE);
  }

  /** Reads a refused block in halves, down to the points that are refused alone. */
  async #divide({ table, fields }: CompiledBlock): Promise<readonly Lesson[]> {
    const middle = fields.length >> 1;
    const right = blockOf(fields.slice(middle));
    const lessons = [...(await this.#explore(blockOf(fields.slice(0, middle)))), ...(await this.#explore(right))];
    // When each half alone is answered, it was the gap between them, or the length.
    return lessons.length > 0 ? lessons : [{ kind: 'wall', table, address: right.address }];
  }

  async #explore(part: Block): Promise<readonly Lesson[]> {
    const block = compileBlock(part, this.#settings.unit);
    const answer = await this.#ask(block);
    if (isCurable(answer, block)) return this.#divide(block);
    this.#take(block, answer);
    return isRefusal(answer) ? part.fields.map((field) => ({ kind: 'alone', field })) : [];
  }

  async #ask(block: CompiledBlock): Promise<Answer> {
    if (this.#silent) return SILENCE;
    const answer = await this.#settings.ask(block);
    if (answer.kind === 'exception') this.#settings.exception(block, answer.code);
    if (isSilence(answer)) this.#silent = !this.#heard;
    else this.#heard = true;
    if (answer.kind !== 'answer' && !isRefusal(answer)) this.#disturbed = true;
    return answer;
  }

  #take(block: CompiledBlock, answer: Answer): void {
    const time = this.#settings.now();
    if (answer.kind === 'answer') this.#decode(block, answer.pdu, time);
    else for (const { point } of block.values) this.readings.push(badReading(point, reasonOf(answer), time));
  }

  #decode(block: CompiledBlock, pdu: Buffer, receivedTime: number): void {
    for (const { point, offset, decode, fault } of block.values) {
      const value = decode(pdu, offset);
      this.readings.push(
        value === undefined
          ? badReading(point, fault, receivedTime)
          : { point, sourceTime: null, receivedTime, quality: 'good', value },
      );
    }
  }
}

type Unanswered = Exclude<Answer, { kind: 'answer' }>;

function reasonOf(answer: Unanswered): Reason {
  if (answer.kind === 'exception') return reasonOfException(answer.code);
  return answer.reason === 'displaced' ? 'not-connected' : answer.reason;
}

function isSilence(answer: Answer): boolean {
  return answer.kind !== 'answer' && reasonOf(answer) === 'no-answer';
}

function isRefusal(answer: Answer): boolean {
  return answer.kind === 'exception' && CURED_BY_SPLITTING.includes(answer.code);
}

function isCurable(answer: Answer, block: Block): boolean {
  return isRefusal(answer) && block.fields.length > 1;
}
