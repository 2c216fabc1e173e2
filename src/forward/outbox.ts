import type { GapRecord, Journal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { Range } from '../model/ranges.ts';
import type { Report } from '../ops/events.ts';
import type { Draft } from './composer.ts';
import type { Message, Uplink } from './destination.ts';
import type { Format, GatewayIdentity, Loss } from './format.ts';
import type { Progress } from './progress.ts';
import type { Pass, Window } from './window.ts';

export type OutboxContext = {
  readonly destination: string;
  readonly identity: GatewayIdentity;
  readonly format: Format;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly progress: Progress;
  readonly uplink: Uplink;
  readonly window: Window;
  /** A range whose message was refused as it is: to be sent again in messages of at most `readings`. */
  readonly repair: (range: Range, readings: number) => void;
  /** Told of each delivered data message. */
  readonly delivered: () => void;
  /** Told of the error that ends the session. */
  readonly failed: (error: unknown) => void;
};

function isRefusal(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'message-refused';
}

/** Sends what is composed, and sees each message through to its acknowledgement: only that moves the ranges. */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #unsettled = new Set<Promise<void>>();
  readonly #announcing = new Set<number>();
  /** Sequences of the backlog lane that are on their way. */
  backlog = 0;

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** Resolves once nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#unsettled);
  }

  /** Takes the message over. */
  send(draft: Draft, pass: Pass): void {
    const { uplink } = this.#context;
    const width = draft.lane === 'backlog' ? draft.covers.upto - draft.covers.after : 0;
    this.backlog += width;
    pass.sent(draft.message.payload.length);
    const publication = uplink.publish(draft.message).then(
      () => {
        this.backlog -= width;
        this.#acknowledged(draft.covers, draft.count, pass);
      },
      (error: unknown) => {
        this.backlog -= width;
        pass.abandon();
        return this.#refused(draft, error);
      },
    );
    this.#own(publication);
  }

  /** Says something about the gateway itself. What the destination refuses is reported and left. */
  tell(message: Message): void {
    const { report, destination } = this.#context;
    const publication = this.#publish(message).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      report('message-refused', { destination, error: error.message });
    });
    this.#own(publication);
  }

  /** Announces the losses that this destination has not been told yet. */
  announceGaps(): void {
    this.#own(this.#announceGaps());
  }

  async #announceGaps(): Promise<void> {
    const { journal, destination } = this.#context;
    const gaps = await journal.gaps(destination);
    const fresh = gaps.filter(({ number }) => !this.#announcing.has(number));
    await Promise.all(fresh.map((gap) => this.#announce(gap)));
  }

  async #announce(gap: GapRecord): Promise<void> {
    const { journal, destination } = this.#context;
    this.#announcing.add(gap.number);
    await this.#publishLoss(gap);
    journal.announced(destination, gap.number);
  }

  #acknowledged(covers: Range, count: number, pass: Pass): void {
    const { progress, journal, destination, delivered } = this.#context;
    progress.delivered(covers, count, pass.acknowledged());
    journal.acknowledged(destination, covers);
    delivered();
  }

  /** Halves a refused message until the reading is found that is refused by itself. */
  async #refused({ message, covers, count, newest }: Draft, error: unknown): Promise<void> {
    if (!isRefusal(error)) throw error;
    const { destination, report, repair, progress, journal } = this.#context;
    if (count > 1) {
      repair(covers, Math.ceil(count / 2));
      return;
    }
    if (newest === undefined) {
      throw new GatewayError('destination-refused', `${message.topic}: not even an empty message: ${error.message}`);
    }
    const { point, sequence, wall } = newest;
    report('message-refused', {
      destination,
      point,
      sequence,
      error: `${point}, sequence ${sequence}: ${error.message}`,
    });
    // Pending until the destination knows that it will not get this one: a crash before that tries both again.
    await this.#publishLoss({ range: covers, count: 1, from: wall, to: wall, reason: 'refused' });
    progress.settled(covers);
    journal.acknowledged(destination, covers);
  }

  async #publishLoss(loss: Loss): Promise<void> {
    const { format, identity, clock } = this.#context;
    try {
      await this.#publish(format.loss(identity, loss, clock.wall()));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new GatewayError('destination-refused', `it takes no gap record: ${error.message}`, { cause: error });
    }
  }

  async #publish(message: Message): Promise<void> {
    const { window, uplink } = this.#context;
    const pass = await window.enter('control');
    pass.sent(message.payload.length);
    try {
      await uplink.publish(message);
    } catch (error) {
      pass.abandon();
      throw error;
    }
    pass.acknowledged();
  }

  #own(task: Promise<void>): void {
    const owned = task
      .catch((error: unknown) => this.#context.failed(error))
      .finally(() => this.#unsettled.delete(owned));
    this.#unsettled.add(owned);
  }
}
