import { badReading } from '../../src/model/reading.ts';
import type { PointNumber, Reading, Reason, Value } from '../../src/model/reading.ts';
import { isAbsent, type Absent } from './absent.ts';
import { holdsBits } from './address.ts';
import type { Answer } from './client.ts';
import { bitDecoder, compileDecoder } from './decode.ts';
import type { Decoder } from './decode.ts';
import { exceptions, reasonOfException } from './exceptions.ts';
import { judgeFactor, scaleByPower } from './factors.ts';
import { readQuestion } from './pdu.ts';
import type { Question } from './pdu.ts';
import { blockOf } from './plan.ts';
import type { Block, Field, Lesson } from './plan.ts';

/** Where in an answer a value lies, how it is decoded, and what becomes of it. */
type Taking = Decoder &
  Pick<Field, 'scaledBy' | 'isFactor'> & {
    readonly point: PointNumber;
    readonly offset: number;
    readonly absent?: Absent;
  };

/** A request that is ready to run, and what to take out of its answer. */
export type CompiledBlock = Block & {
  readonly question: Question;
  readonly values: readonly Taking[];
  /** Whether its last answer was data: a refusal may then be a passing one. */
  proven: boolean;
};

// Before the data of an answer there are function and byte count.
const DATA_AT = { bytes: 2, bits: 16 } as const;

export function compileBlock(block: Block, unit: number): CompiledBlock {
  const bits = holdsBits(block.table);
  const offsetOf = (address: number): number =>
    bits ? DATA_AT.bits + address - block.address : DATA_AT.bytes + (address - block.address) * 2;
  const values = block.fields.map(({ point, address, type, order, scaledBy, isFactor }): Taking => {
    const { absent } = point.address;
    return {
      ...(bits ? bitDecoder : compileDecoder(type, order)),
      point: point.number,
      offset: offsetOf(address),
      ...(scaledBy !== undefined && { scaledBy }),
      ...(isFactor && { isFactor }),
      ...(absent !== undefined && { absent }),
    };
  });
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

type Unscaled = { readonly reading: GoodReading; readonly factor: PointNumber; readonly shift: number };
type GoodReading = Reading & { readonly quality: 'good' };

/** One read of one device: asks block after block and gathers exactly one reading for each point. */
export class Round {
  readonly #readings: Reading[] = [];
  /** What still has to be scaled: its factor may be in another block. */
  readonly #unscaled: Unscaled[] = [];
  /** Powers of ten, or why there is none, by the numbers of their fields. */
  readonly #factors = new Map<PointNumber, number | Reason>();
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
    const answer = this.#silent ? SILENCE : this.#noted(block, await this.#settings.ask(block));
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

  /** The readings of all blocks that were read or skipped; a value whose scale factor is unknown is no value. */
  finish(): readonly Reading[] {
    for (const { reading, factor, shift } of this.#unscaled.splice(0)) {
      const power = this.#factors.get(factor) ?? 'no-answer';
      this.#readings.push(
        typeof power === 'number'
          ? { ...reading, value: scaleByPower(reading.value, power + shift) }
          : badReading(reading.point, power, reading.receivedTime),
      );
    }
    return this.#readings;
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
    const answer = this.#silent ? SILENCE : this.#noted(block, await this.#settings.ask(block));
    if (isCurable(answer, block)) return this.#divide(block);
    this.#take(block, answer);
    return isRefusal(answer) ? part.fields.map((field) => ({ kind: 'alone', field })) : [];
  }

  /** Draws from an answer what the rest of the round depends on. */
  #noted(block: CompiledBlock, answer: Answer): Answer {
    if (answer.kind === 'exception') this.#settings.exception(block, answer.code);
    if (isSilence(answer)) this.#silent = !this.#heard;
    else this.#heard = true;
    if (answer.kind !== 'answer' && !isRefusal(answer)) this.#disturbed = true;
    return answer;
  }

  #take(block: CompiledBlock, answer: Answer): void {
    if (answer.kind === 'answer') {
      for (const taking of block.values) this.#decode(taking, answer.pdu, answer.heardAt);
      return;
    }
    const time = this.#settings.now();
    for (const taking of block.values) this.#fail(taking, reasonOf(answer), time);
  }

  #decode(taking: Taking, pdu: Buffer, receivedTime: number): void {
    const { point, offset, decode, fault, absent, scaledBy, isFactor } = taking;
    const value = decode(pdu, offset);
    if (isFactor) this.#factors.set(point, factorOf(value));
    else if (absent !== undefined && isAbsent(value, absent)) this.#fail(taking, 'not-available', receivedTime);
    else if (value === undefined) this.#fail(taking, fault, receivedTime);
    else if (scaledBy === undefined) this.#readings.push(goodReading(point, value, receivedTime));
    else this.#unscaled.push({ reading: goodReading(point, value, receivedTime), ...scaledBy });
  }

  #fail({ point, isFactor }: Taking, reason: Reason, time: number): void {
    if (isFactor) this.#factors.set(point, reason);
    else this.#readings.push(badReading(point, reason, time));
  }
}

function goodReading(point: PointNumber, value: Value, receivedTime: number): GoodReading {
  return { point, sourceTime: null, receivedTime, quality: 'good', value };
}

const NO_FACTOR = { missing: 'not-available', nonsense: 'type-mismatch' } as const;

function factorOf(value: Value | undefined): number | Reason {
  const factor = judgeFactor(value);
  return typeof factor === 'number' ? factor : NO_FACTOR[factor];
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
