import type { LongFrame } from './frame.ts';
import type { Answer, Line, Request } from './line.ts';
import { reset, requestData, select, SELECTED } from './requests.ts';
import type { MeterAddress } from './schema.ts';
import { isComplete, isMeant, type SecondaryAddress } from './secondary-address.ts';
import { readTelegram, senderOf, type Telegram, type Understood } from './telegram.ts';
import type { Reason } from '../../src/model/reading.ts';

/** A meter as it is spoken to. */
export type Partner = {
  /** Id of the device, for messages. */
  readonly id: string;
  readonly address: MeterAddress;
  readonly key: Buffer | undefined;
};

/** What a meter said, all of it or until enough; or why it said nothing that can be read. */
export type Outcome =
  | { readonly kind: 'told'; readonly telegrams: readonly Telegram[]; readonly receivedTime: number }
  | { readonly kind: 'failed'; readonly reason: Reason; readonly detail: string };

export type ConversationOptions = {
  readonly signal: AbortSignal;
  /** How often a request is repeated. */
  readonly retries: number;
  /** Whether what was told so far is all that is wanted. */
  readonly isEnough?: (telegrams: readonly Telegram[]) => boolean;
};

// More telegrams of 250 bytes than any meter has; one that never ends is broken.
const MOST_TELEGRAMS = 64;

/** What is known of the meter at an address since the session began. */
type Memory = {
  /** The count of the next request. */
  count: boolean;
  /** The next conversation has to begin with a reset: the meter may be in the middle of its telegrams. */
  isAstray: boolean;
};

/** Asks meters for all that they have, telegram by telegram. */
export class Conversations {
  readonly #line: Line;
  readonly #now: () => number;
  /** By primary address: several devices may stand for one meter. */
  readonly #memories = new Map<number, Memory>();

  constructor(line: Line, now: () => number) {
    this.#line = line;
    this.#now = now;
  }

  /** Rejects when the line is lost, and with the signal's reason. */
  async ask(partner: Partner, options: ConversationOptions): Promise<Outcome> {
    return typeof partner.address === 'number'
      ? this.#askPrimary(partner, partner.address, options)
      : this.#askSecondary(partner, options);
  }

  async #askPrimary(partner: Partner, address: number, options: ConversationOptions): Promise<Outcome> {
    const memory = this.#memories.get(address) ?? { count: true, isAstray: true };
    this.#memories.set(address, memory);
    if (memory.isAstray) {
      // Some meters know no reset: whether one is there at all shows at the next request.
      await this.#once(partner, { frame: reset(address) }, options.signal);
      memory.count = true;
    }
    memory.isAstray = true; // until it ends well
    const outcome = await this.#listen(partner, { address, memory }, options);
    memory.isAstray = outcome.kind === 'failed' || outcome.telegrams.length > 1 || isUnfinished(outcome.telegrams);
    return outcome;
  }

  async #askSecondary(partner: Partner, options: ConversationOptions): Promise<Outcome> {
    const { address } = partner;
    if (typeof address === 'number') throw new TypeError('a secondary address is meant');
    const selected = await this.#repeatedly(partner, { frame: select(address) }, options);
    if (selected.kind === 'failed') return selected;
    // EN 13757-7, 5.3: with the selection the count begins anew.
    return this.#listen(partner, { address: SELECTED, memory: { count: true, isAstray: false } }, options);
  }

  async #listen(
    partner: Partner,
    { address, memory }: { readonly address: number; readonly memory: Memory },
    options: ConversationOptions,
  ): Promise<Outcome> {
    const telegrams: Telegram[] = [];
    let receivedTime = 0;
    let last: LongFrame | undefined;
    do {
      const isAnswer = answerOf(partner, last);
      const answer = await this.#repeatedly(partner, { frame: requestData(address, memory.count), isAnswer }, options);
      // Some announce more and say the same again, whenever they are asked: that was all.
      if (answer.kind === 'failed' && last !== undefined && answer.reason === 'foreign-answer') break;
      if (answer.kind === 'failed') return answer;
      memory.count = !memory.count;
      if (answer.kind === 'acknowledged') return { kind: 'failed', reason: 'not-available', detail: 'it has no data' };
      receivedTime = this.#now();
      last = answer.frame;
      const told = understood(answer, partner);
      if (told.kind === 'failed') return told;
      telegrams.push(told.telegram);
    } while (isToGoOn(telegrams, options));
    return { kind: 'told', telegrams, receivedTime };
  }

  async #repeatedly(
    partner: Partner,
    request: Pick<Request, 'frame' | 'isAnswer'>,
    { signal, retries }: ConversationOptions,
  ): Promise<Answer> {
    let answer = await this.#once(partner, request, signal);
    for (let left = retries; answer.kind === 'failed' && left > 0; left--) {
      answer = await this.#once(partner, request, signal);
    }
    return answer;
  }

  #once(partner: Partner, request: Pick<Request, 'frame' | 'isAnswer'>, signal: AbortSignal): Promise<Answer> {
    return this.#line.ask({ device: partner.id, ...request }, signal);
  }
}

/**
 * A selected meter answers under its own address or as the one that was selected: it is known by its header. What it said
 * before in this conversation, to the last byte, is a late answer to the question before, not the one that goes on.
 */
function answerOf({ address }: Partner, last: LongFrame | undefined): NonNullable<Request['isAnswer']> {
  const isRepeated = (frame: LongFrame): boolean =>
    last !== undefined && last.information === frame.information && last.data.equals(frame.data);
  if (typeof address === 'number') return (frame) => frame.address === address && !isRepeated(frame);
  return (frame) => isFrom(frame, address) && !isRepeated(frame);
}

function isFrom(frame: LongFrame, address: SecondaryAddress): boolean {
  const who = senderOf(frame);
  return who === undefined || isMeant(who, address);
}

function isToGoOn(telegrams: readonly Telegram[], { isEnough }: ConversationOptions): boolean {
  return isUnfinished(telegrams) && telegrams.length < MOST_TELEGRAMS && isEnough?.(telegrams) !== true;
}

function isUnfinished(telegrams: readonly Telegram[]): boolean {
  return telegrams.at(-1)?.moreFollows === true;
}

type Told = { readonly kind: 'told'; readonly telegram: Telegram } | Failed;
type Failed = Outcome & { readonly kind: 'failed' };

function failed(reason: Reason, detail: string): Failed {
  return { kind: 'failed', reason, detail };
}

function understood({ frame }: Answer & { kind: 'data' }, { address, key }: Partner): Told {
  const meant = typeof address === 'number' ? undefined : address;
  const identification = meant !== undefined && isComplete(meant) ? meant : undefined;
  const read = readTelegram(frame, { key, identification });
  return read.kind === 'data' ? { kind: 'told', telegram: read } : failed(reasonOf(read), read.why);
}

function reasonOf(read: Exclude<Understood, Telegram>): Reason {
  if (read.kind === 'refused') return read.isBusy ? 'device-busy' : 'device-failure';
  return read.kind === 'malformed' ? 'malformed-answer' : 'not-available';
}
