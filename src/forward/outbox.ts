import type { GapRecord, Journal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { countRanges, type Range } from '../model/ranges.ts';
import type { Report } from '../ops/events.ts';
import type { Draft } from './composer.ts';
import type { Message, Uplink } from './destination.ts';
import type { FormatSession, Loss } from './format.ts';
import type { Probation } from './probation.ts';
import type { Progress } from './progress.ts';
import type { Task } from './suspicion.ts';
import type { Pass, Window } from './window.ts';

export type OutboxContext = {
  readonly destination: string;
  readonly speech: Pick<FormatSession, 'loss' | 'correction'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly progress: Progress;
  readonly probation: Probation;
  readonly uplink: Uplink;
  readonly window: Window;
  /** Given a range whose message was refused as it is, to be sent again in smaller ones. */
  readonly repair: (task: Task) => void;
  /** Told of each delivered data message. */
  readonly delivered: () => void;
  /** Told of the error that ends the session. */
  readonly failed: (error: unknown) => void;
};

/** What nobody acknowledges goes at once; what is acknowledged one by one, so that a slot is one message. */
async function transmit(uplink: Uplink, messages: readonly Message[]): Promise<void> {
  await Promise.all(messages.filter(({ qos }) => qos === 0).map((message) => uplink.publish(message)));
  for (const message of messages) if (message.qos !== 0) await uplink.publish(message);
}

function isRefusal(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'message-refused';
}

/**
 * Sends what is composed, and sees each message through to its acknowledgement: only that moves the ranges. The journal
 * hears of it once the connection has outlived it.
 */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #unsettled = new Set<Promise<void>>();
  /** The losses that this session tells of, by the number of their record. */
  readonly #announcements = new Map<number, Promise<void>>();
  readonly #correcting = new Set<number>();
  #corrected: Promise<void> = Promise.resolve();
  readonly #drafts = new Set<Draft>();

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** Sequences of the backlog lane that are on their way. */
  get backlog(): number {
    return countRanges(this.unacknowledged.flatMap(({ lane, covers }) => (lane === 'backlog' ? [covers] : [])));
  }

  /** Resolves once nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#unsettled);
  }

  /** Data messages that were sent, and neither acknowledged nor refused. */
  get unacknowledged(): readonly Draft[] {
    return [...this.#drafts];
  }

  /** Takes the message over. */
  send(draft: Draft, pass: Pass): void {
    this.#drafts.add(draft);
    this.#own(
      this.#context.progress.suspicion.isConvicted(draft) ? this.#skip(draft, pass) : this.#deliver(draft, pass),
    );
  }

  async #deliver(draft: Draft, pass: Pass): Promise<void> {
    const { uplink, progress, delivered } = this.#context;
    pass.sent(draft.bytes);
    try {
      await transmit(uplink, draft.messages);
    } catch (error) {
      // First of all the window closes: the slot that comes free must not let another message out.
      if (!isRefusal(error)) this.#context.failed(error);
      pass.abandon();
      return isRefusal(error) ? this.#refused(draft, error) : undefined;
    }
    this.#drafts.delete(draft);
    progress.delivered({ covers: draft.covers, readings: draft.count }, pass.acknowledged());
    this.#hold(draft.covers, draft.count);
    delivered();
  }

  #hold(covers: Range, readings: number): void {
    const { probation, progress, journal, destination } = this.#context;
    const confirm = (): void => {
      for (const range of progress.confirmed(covers)) journal.acknowledged(destination, range);
    };
    if (progress.wasAcknowledgedBefore(covers)) confirm();
    else probation.hold({ confirm, revoke: () => progress.revoked({ covers, readings }) });
  }

  #skip(draft: Draft, pass: Pass): Promise<void> {
    pass.abandon();
    return this.#lose(draft, 'the connection ends whenever it is sent');
  }

  /** Says something about the gateway itself. What the destination refuses is reported and left: that counts as taken. */
  tell(messages: readonly Message[], taken: () => void = () => undefined): void {
    const { report, destination } = this.#context;
    for (const message of messages) {
      const publication = this.#publish(message).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        report('message-refused', { destination, error: error.message });
      });
      this.#own(publication.then(taken));
    }
  }

  /** Announces the losses that this destination has not been told yet; resolves once it has been told of all. */
  announceGaps(): Promise<void> {
    const announcement = this.#announceGaps();
    this.#own(announcement);
    return announcement;
  }

  async #announceGaps(): Promise<void> {
    const { journal, destination } = this.#context;
    const gaps = await journal.gaps(destination);
    await Promise.all(gaps.map((gap) => this.#announcement(gap)));
  }

  #announcement(gap: GapRecord): Promise<void> {
    const known = this.#announcements.get(gap.number);
    if (known !== undefined) return known;
    const fresh = this.#announce(gap);
    this.#announcements.set(gap.number, fresh);
    return fresh;
  }

  async #announce(gap: GapRecord): Promise<void> {
    const { probation, journal, destination } = this.#context;
    await this.#publishLoss(gap);
    probation.hold({
      confirm: () => journal.announced(destination, gap.number),
      revoke: () => undefined, // the journal gives it to the next session again
    });
  }

  /** Tells how the times of what this destination has are known better by now. */
  announceCorrections(): void {
    this.#corrected = this.#corrected.then(() => this.#announceCorrections());
    this.#own(this.#corrected);
  }

  /** One after the other: they build upon each other. */
  async #announceCorrections(): Promise<void> {
    const { journal, destination, speech, clock, probation } = this.#context;
    for (const record of await journal.corrections(destination)) {
      if (this.#correcting.has(record.number)) continue;
      this.#correcting.add(record.number);
      await this.#publishRecord(speech.correction(record, clock.wall()), 'correction of the clock');
      probation.hold({
        confirm: () => journal.corrected(destination, record.number),
        revoke: () => undefined, // the journal gives it to the next session again
      });
    }
  }

  /** Halves a refused message until the reading is found that is refused by itself. */
  async #refused(draft: Draft, { message }: GatewayError): Promise<void> {
    const { covers, count } = draft;
    if (count <= 1) return this.#lose(draft, message);
    this.#drafts.delete(draft);
    this.#context.repair({ range: covers, readings: Math.floor(count / 2) });
  }

  /** Gives up the one reading of a message: it is announced as lost. */
  async #lose(draft: Draft, why: string): Promise<void> {
    const { destination, report, progress } = this.#context;
    const { covers, newest } = draft;
    if (newest === undefined) throw new GatewayError('destination-refused', `not even an empty message: ${why}`);
    const { point, sequence, wall } = newest;
    report('message-refused', { destination, point, sequence, error: `${point}, sequence ${sequence}: ${why}` });
    // Pending until the destination knows that it will not get this one: after a crash both are tried again.
    await this.#publishLoss({ range: covers, count: 1, from: wall, to: wall, reason: 'refused' });
    this.#drafts.delete(draft);
    progress.settled(covers);
    this.#hold(covers, 0);
  }

  async #publishLoss(loss: Loss): Promise<void> {
    const { speech, clock } = this.#context;
    await this.#publishRecord(speech.loss(loss, clock.wall()), 'gap record');
  }

  /** Nothing else may be sent in its place: a destination that refuses it is of no use. */
  async #publishRecord(messages: readonly Message[], what: string): Promise<void> {
    try {
      await Promise.all(messages.map((message) => this.#publish(message)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new GatewayError('destination-refused', `it takes no ${what}: ${error.message}`, { cause: error });
    }
  }

  async #publish(message: Message): Promise<void> {
    const { window, uplink } = this.#context;
    // Nobody counts these, and their order is part of what they say: they must not wait for a slot.
    if (message.qos === 0) return uplink.publish(message);
    const pass = await window.enter('control');
    pass.sent(message.payload.length);
    try {
      await uplink.publish(message);
    } catch (error) {
      if (!isRefusal(error)) this.#context.failed(error);
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
