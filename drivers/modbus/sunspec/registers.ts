import { GatewayError } from '../../../src/model/errors.ts';
import { Sheet } from './sheet.ts';

export type RegisterTable = 'holding' | 'input';

/** How a device answered: with its registers, that it has none of them, or not at all. */
type RegisterAnswer = Buffer | 'refused' | 'silent';

/** Asks for at most 125 registers; rejects only when the connection is lost or with the signal's reason. */
export type AskRegisters = (table: RegisterTable, address: number, count: number) => Promise<RegisterAnswer>;

/** What may be read of a device to find out what it holds. Whoever has more, has no honest description. */
export type ReadingLimits = {
  /** Registers in one request. */
  readonly maxWords: number;
  /** Requests altogether: a description of usual size takes 20 to 60. */
  readonly requests: number;
  /** Requests that are refused; each is halved, and that has to end somewhere. */
  readonly refusals: number;
};

export const USUAL_LIMITS = { requests: 2_000, refusals: 100 } as const;

/** Reads ranges of one table in pieces that the device accepts. */
export class Registers {
  readonly table: RegisterTable;
  readonly #ask: AskRegisters;
  readonly #limits: ReadingLimits;
  readonly #device: string;
  #requests = 0;
  #refusals = 0;

  constructor(table: RegisterTable, device: string, ask: AskRegisters, limits: ReadingLimits) {
    this.table = table;
    this.#device = device;
    this.#ask = ask;
    this.#limits = limits;
  }

  /** Refused registers are missing in the sheet. Rejects with `no-answer` where the device is silent, or as the ask does. */
  async read(address: number, count: number): Promise<Sheet> {
    const sheet = new Sheet(count);
    for (let offset = 0; offset < count; offset += this.#limits.maxWords) {
      await this.#readPiece(sheet, address, offset, Math.min(this.#limits.maxWords, count - offset));
    }
    return sheet;
  }

  async #readPiece(sheet: Sheet, address: number, offset: number, count: number): Promise<void> {
    if (this.#requests >= this.#limits.requests || this.#refusals >= this.#limits.refusals) return;
    this.#requests += 1;
    const answer = await this.#ask(this.table, address + offset, count);
    if (answer === 'silent') {
      throw new GatewayError('no-answer', `${this.#device} does not answer to ${this.table} ${address + offset}`);
    }
    if (answer !== 'refused') {
      sheet.set(offset, answer);
      return;
    }
    this.#refusals += 1;
    if (count === 1) return;
    const half = count >> 1;
    await this.#readPiece(sheet, address, offset, half);
    await this.#readPiece(sheet, address, offset + half, count - half);
  }
}
