import { GatewayError } from '../../src/model/errors.ts';
import { decodeBlock, encodeBlock, GENERAL_BLOCK, piecesOf, type BlockApdu } from './block-apdu.ts';
import type { Link } from './link.ts';
import { malformed } from './reader.ts';

// So many blocks a meter may send at once where nothing but us takes them: a kilobyte each, mostly.
const WINDOW = 16;
const MOST_LOSSES = 5; // in a row: the way is none then
const MOST_BYTES = 16 * 1_024 * 1_024; // as of blocks of a get
const MOST_BLOCKS = 32_768; // half of what the numbers of theirs and of our answers can count

const NOTHING: Buffer = Buffer.alloc(0);

type Piece<T> = { readonly block: BlockApdu } | { readonly taken: T };

/** A link over which what is too long for one APDU goes in general blocks; those that are lost are asked for again. */
export class BlockLink implements Link {
  readonly #link: Link;
  readonly #longest: () => number;

  /** `longest`: bytes of the longest APDU that the meter takes. */
  constructor(link: Link, longest: () => number) {
    this.#link = link;
    this.#longest = longest;
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#link.connect(signal);
  }

  disconnect(signal: AbortSignal): Promise<void> {
    return this.#link.disconnect(signal);
  }

  async exchange<T>(apdu: Buffer, take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T> {
    const asked = apdu.length > this.#longest() ? await this.#send(apdu, signal) : { apdu, sent: 0 };
    const first = await this.#link.exchange(asked.apdu, (answer) => pieceOf(answer, take), signal);
    if ('taken' in first) return first.taken;
    const whole = await this.#receive(first.block, asked.sent, signal);
    const taken = take(whole);
    if (taken === undefined) throw malformed('blocks that make an answer to something else');
    return taken;
  }

  /** Sends all blocks but the last one, each once the one before has arrived; answers with that. */
  async #send(apdu: Buffer, signal: AbortSignal): Promise<{ readonly apdu: Buffer; readonly sent: number }> {
    const pieces = piecesOf(apdu, this.#longest());
    const block = (number: number): Buffer =>
      encodeBlock({
        last: number === pieces.length,
        streaming: false,
        window: this.#window,
        number,
        acknowledged: 0,
        bytes: pieces[number - 1] ?? NOTHING,
      });
    for (let number = 1; number < pieces.length; number += 1) {
      const { acknowledged } = await this.#link.exchange(block(number), blockIn, signal);
      if (acknowledged !== number) throw malformed(`block ${acknowledged} acknowledged instead of ${number}`);
    }
    return { apdu: block(pieces.length), sent: pieces.length };
  }

  /** All that the blocks make which begin with `first`; `sent` counts our own. */
  async #receive(first: BlockApdu, sent: number, signal: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    let number = sent;
    let losses = 0;
    let block: BlockApdu | undefined = first;
    for (let heard = 0; heard < MOST_BLOCKS; heard += 1) {
      if (block?.number === parts.length + 1) {
        bytes = keep(parts, bytes, block);
        losses = 0;
        if (block.last) return Buffer.concat(parts);
      }
      if (block?.streaming === true) {
        block = await this.#link.next?.(blockIn, signal);
        continue;
      }
      // The end of a window, or what should have come has not: what is missing is sent again from there.
      const isLoss = block === undefined || block.number !== parts.length;
      losses += Number(isLoss);
      if (losses > MOST_LOSSES) throw new GatewayError('no-answer', 'blocks of an answer are lost again and again');
      number += 1;
      block = await this.#acknowledge(number, parts.length, signal);
    }
    throw malformed(`an answer of more than ${MOST_BLOCKS} blocks`);
  }

  /** The block that comes upon it; undefined where none does, and another attempt may help. */
  async #acknowledge(number: number, acknowledged: number, signal: AbortSignal): Promise<BlockApdu | undefined> {
    const apdu = encodeBlock({
      last: true,
      streaming: false,
      window: this.#window,
      number,
      acknowledged,
      bytes: NOTHING,
    });
    // Of a window that was given up some may still come.
    const take = (answer: Buffer): BlockApdu | undefined => {
      const block = blockIn(answer);
      return block !== undefined && block.number > acknowledged ? block : undefined;
    };
    try {
      return await this.#link.exchange(apdu, take, signal);
    } catch (error) {
      const isSilence = error instanceof GatewayError && error.code === 'no-answer';
      if (isSilence && this.#link.next !== undefined) return undefined;
      throw error;
    }
  }

  /** Where nobody speaks without being asked, one block comes at a time. */
  get #window(): number {
    return this.#link.next === undefined ? 1 : WINDOW;
  }
}

/** Adds what a block holds to what came before, of so many bytes; returns how many they are then. */
function keep(parts: Buffer[], before: number, { bytes }: BlockApdu): number {
  const total = before + bytes.length;
  if (total > MOST_BYTES) throw malformed(`an answer of more than ${MOST_BYTES} bytes`);
  parts.push(bytes);
  return total;
}

function pieceOf<T>(answer: Buffer, take: (answer: Buffer) => T | undefined): Piece<T> | undefined {
  const block = blockIn(answer);
  if (block !== undefined) return { block };
  const taken = take(answer);
  return taken === undefined ? undefined : { taken };
}

function blockIn(answer: Buffer): BlockApdu | undefined {
  return answer[0] === GENERAL_BLOCK ? decodeBlock(answer) : undefined;
}
