import { decodeBlock, encodeBlock, GENERAL_BLOCK, piecesOf, type BlockApdu } from './block-apdu.ts';
import type { Answering } from './hdlc-station.ts';

const NOTHING: Buffer = Buffer.alloc(0);

export type Blocks = {
  /** Bytes of the longest APDU that goes out whole; undefined where no general blocks were agreed upon. */
  readonly longest: () => number | undefined;
};

/** The other end: answers in general blocks what is too long, as many at once as the client takes. */
export class BlockStation {
  readonly #answer: Answering;
  readonly #blocks: Blocks;
  #pieces: readonly Buffer[] = [];
  #heard: Buffer[] = [];

  constructor(answer: Answering, blocks: Blocks) {
    this.#answer = answer;
    this.#blocks = blocks;
  }

  async answer(apdu: Buffer): Promise<readonly Buffer[]> {
    if (apdu[0] !== GENERAL_BLOCK) return this.#whole(apdu, 0);
    const block = decodeBlock(apdu);
    return block.bytes.length === 0 ? this.#next(block) : this.#take(block);
  }

  /** A block of a long request. */
  async #take(block: BlockApdu): Promise<readonly Buffer[]> {
    if (block.number === 1) this.#heard = [];
    if (block.number === this.#heard.length + 1) this.#heard.push(block.bytes);
    const acknowledged = this.#heard.length;
    if (block.last && block.number === acknowledged) return this.#whole(Buffer.concat(this.#heard), acknowledged);
    return [encodeBlock({ last: true, streaming: false, window: 1, number: 1, acknowledged, bytes: NOTHING })];
  }

  async #whole(request: Buffer, acknowledged: number): Promise<readonly Buffer[]> {
    const answer = await this.#answer(request);
    if (answer === undefined) return [];
    const longest = this.#blocks.longest();
    if (longest === undefined || answer.length <= longest) return [answer];
    this.#pieces = piecesOf(answer, longest);
    // How many the client takes at once it says with its first acknowledgement.
    return this.#send(1, 1, acknowledged);
  }

  /** What comes after the last block that has arrived. */
  #next({ acknowledged, window, number }: BlockApdu): readonly Buffer[] {
    return this.#send(acknowledged + 1, Math.max(1, window), number);
  }

  #send(first: number, window: number, acknowledged: number): readonly Buffer[] {
    const pieces = this.#pieces.slice(first - 1, first - 1 + window);
    return pieces.map((bytes, index) => {
      const number = first + index;
      const last = number === this.#pieces.length;
      return encodeBlock({
        last,
        streaming: !last && index < pieces.length - 1,
        window: 1,
        number,
        acknowledged,
        bytes,
      });
    });
  }
}
