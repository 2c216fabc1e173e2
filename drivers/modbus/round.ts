import { badReading } from '../../src/model/reading.ts';
import type { PointNumber, Reading, Reason } from '../../src/model/reading.ts';
import { holdsBits } from './address.ts';
import type { Answer } from './client.ts';
import { bitDecoder, compileDecoder } from './decode.ts';
import type { Decoder } from './decode.ts';
import { blockOf } from './plan.ts';
import type { Block, Lesson } from './plan.ts';

/** A request that is ready to run: where in its answer each value lies and how it is decoded. */
export type CompiledBlock = Block & {
  readonly values: readonly (Decoder & { readonly point: PointNumber; readonly offset: number })[];
  /** Whether its last answer was data: a refusal may then be a passing one. */
  proven: boolean;
};

export function compileBlock(block: Block): CompiledBlock {
  const bits = holdsBits(block.table);
  const values = block.fields.map(({ point, address, type, order }) => ({
    ...(bits ? bitDecoder : compileDecoder(type, order)),
    point: point.number,
    offset: (address - block.address) * (bits ? 1 : 2),
  }));
  return { ...block, values, proven: false };
}

// MODBUS Application Protocol 1.1b3, 7: exception codes, as what they mean for a reading.
const EXCEPTIONS: Readonly<Record<number, Reason>> = {
  1: 'refused', // no such function
  2: 'refused', // no such address
  3: 'refused', // no such amount
  4: 'device-failure',
  5: 'device-busy', // acknowledged, the answer takes longer
  6: 'device-busy',
  7: 'refused', // negative acknowledge
  8: 'device-failure', // memory parity error
  10: 'no-answer', // the gateway has no path to the unit
  11: 'no-answer', // the unit does not answer the gateway
};

// A hole in the range, or more registers than the device gives at once: what smaller requests can cure.
const CURED_BY_SPLITTING: readonly number[] = [2, 3];

const SILENCE: Answer = { kind: 'failed', reason: 'no-answer', detail: 'silent before' };

export type RoundSettings = {
  readonly ask: (block: Block) => Promise<Answer>;
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

  /** Reads one block; answers with what its refusal taught, mostly nothing. */
  async read(block: CompiledBlock): Promise<readonly Lesson[]> {
    const answer = await this.#ask(block);
    if (isSilence(answer) && !this.#silent) this.unanswered.add(block);
    if (!isCurable(answer, block)) {
      this.#take(block, answer);
      block.proven ||= answer.kind === 'data';
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
  async #divide({ table, fields }: Block): Promise<readonly Lesson[]> {
    const middle = fields.length >> 1;
    const right = blockOf(fields.slice(middle));
    const lessons = [...(await this.#explore(blockOf(fields.slice(0, middle)))), ...(await this.#explore(right))];
    // When each half alone is answered, it was the gap between them, or the length.
    return lessons.length > 0 ? lessons : [{ kind: 'wall', table, address: right.address }];
  }

  async #explore(part: Block): Promise<readonly Lesson[]> {
    const answer = await this.#ask(part);
    if (isCurable(answer, part)) return this.#divide(part);
    this.#take(compileBlock(part), answer);
    return isRefusal(answer) ? part.fields.map((field) => ({ kind: 'alone', field })) : [];
  }

  async #ask(block: Block): Promise<Answer> {
    if (this.#silent) return SILENCE;
    const answer = await this.#settings.ask(block);
    if (answer.kind === 'exception') this.#settings.exception(block, answer.code);
    if (isSilence(answer)) this.#silent = !this.#heard;
    else this.#heard = true;
    if (answer.kind !== 'data' && !isRefusal(answer)) this.#disturbed = true;
    return answer;
  }

  #take(block: CompiledBlock, answer: Answer): void {
    const time = this.#settings.now();
    if (answer.kind === 'data') this.#decode(block, answer.data, time);
    else for (const { point } of block.values) this.readings.push(badReading(point, reasonOf(answer), time));
  }

  #decode(block: CompiledBlock, data: Buffer, receivedTime: number): void {
    for (const { point, offset, decode, fault } of block.values) {
      const value = decode(data, offset);
      this.readings.push(
        value === undefined
          ? badReading(point, fault, receivedTime)
          : { point, sourceTime: null, receivedTime, quality: 'good', value },
      );
    }
  }
}

type Unanswered = Exclude<Answer, { kind: 'data' }>;

function reasonOf(answer: Unanswered): Reason {
  return answer.kind === 'failed' ? answer.reason : (EXCEPTIONS[answer.code] ?? 'device-failure');
}

function isSilence(answer: Answer): boolean {
  return answer.kind !== 'data' && reasonOf(answer) === 'no-answer';
}

function isRefusal(answer: Answer): boolean {
  return answer.kind === 'exception' && CURED_BY_SPLITTING.includes(answer.code);
}

function isCurable(answer: Answer, block: Block): boolean {
  return isRefusal(answer) && block.fields.length > 1;
}
