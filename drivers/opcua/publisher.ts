import { GatewayError } from '../../src/model/errors.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import { contentOf, decodeContent } from '../../src/wire/opcua-notifications.ts';
import { changesIn, changesOf, type Changes } from './changes.ts';
import { serviceStatus, type Services } from './services.ts';
import type { Subscription } from './subscribe.ts';

/** What a publisher tells of; none of it waits, but `room`. */
export type PublisherEvents = {
  /** A subscription has said something, be it only that it lives. */
  readonly heard: (subscription: Subscription) => void;
  /** Values that have changed, in the order of the server. */
  readonly changed: (subscription: Subscription, changes: Changes) => void;
  /** Messages from one number up to, without, another are of no use to us, and why: what was in them has to be read. */
  readonly missed: (subscription: Subscription, span: readonly [from: number, to: number], why: string) => void;
  /** Resolves when more may come. */
  readonly room: () => Promise<void>;
};

// Publish requests that wait at the server: one for each subscription, and some on the way there and back (Part 4, 5.14.5).
const SPARE_REQUESTS = 2;
const MOST_REQUESTS = 10;

// Messages that are asked for again before we read everything instead.
const MOST_REPUBLISHED = 20;

const NOT_KEPT = 'lost on the way, and not kept by the server';

const FIRST_AFTER_WRAP = 1; // Part 4, 7.9: sequence numbers go from 2^32 - 1 to 1
const LAST = 0xffff_ffff;

/** Keeps publish requests at the server, and takes its messages in order, without a hole that nobody notices. */
export class Publisher {
  readonly #services: Services;
  readonly #subscriptions: ReadonlyMap<number, Subscription>;
  readonly #events: PublisherEvents;
  readonly #acknowledgements: { readonly subscriptionId: number; readonly sequenceNumber: number }[] = [];
  /** Ends when the message has been taken that came last. */
  #last: Promise<void> = Promise.resolve();
  #outstanding = 0;

  constructor(services: Services, subscriptions: readonly Subscription[], events: PublisherEvents) {
    this.#services = services;
    this.#subscriptions = new Map(subscriptions.map((subscription) => [subscription.id, subscription]));
    this.#events = events;
  }

  /** Publishes until `signal` aborts. Rejects with `connection-lost` when the server ends session or subscription. */
  async run(signal: AbortSignal): Promise<void> {
    const count = Math.min(MOST_REQUESTS, this.#subscriptions.size + SPARE_REQUESTS);
    await Promise.all(Array.from({ length: count }, () => this.#publishAgainAndAgain(signal)));
  }

  async #publishAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#events.room();
      if (signal.aborted) return;
      this.#outstanding += 1;
      const response = await this.#publish(signal);
      this.#outstanding -= 1;
      if (response === 'too-many') return;
      this.#last = this.#last.then(() => this.#take(response, signal));
      await this.#last;
    }
  }

  /** One message of the server; `too-many` where it takes no more requests than those that wait already. */
  async #publish(signal: AbortSignal): Promise<Library.PublishResponse | 'too-many'> {
    const { library, session } = this.#services;
    const subscriptionAcknowledgements = this.#acknowledgements.splice(0);
    // It waits at the server until there is something to tell: its silence is noticed elsewhere.
    const requestHeader = { timeoutHint: LONGEST_WAIT };
    try {
      return await new Promise((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        const request = new library.PublishRequest({ requestHeader, subscriptionAcknowledgements });
        session.publish(request, (error, response) => {
          signal.removeEventListener('abort', onAbort);
          if (response !== undefined && error === null) resolve(response);
          else reject(error ?? new Error('a publish response without content'));
        });
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (serviceStatus(error) === 'BadTooManyPublishRequests' && this.#outstanding > 1) {
        this.#acknowledgements.unshift(...subscriptionAcknowledgements);
        return 'too-many';
      }
      throw this.#ended(serviceStatus(error) ?? String(error), error);
    }
  }

  async #take(response: Library.PublishResponse, signal: AbortSignal): Promise<void> {
    const { subscriptionId, notificationMessage, availableSequenceNumbers } = response;
    const subscription = this.#subscriptions.get(subscriptionId);
    if (subscription === undefined) return; // of a subscription that is being deleted
    this.#events.heard(subscription);
    const { sequenceNumber } = notificationMessage;
    const expected = subscription.next ?? sequenceNumber;
    if (sequenceNumber !== expected) {
      await this.#fetchMissing(subscription, { from: expected, to: sequenceNumber }, availableSequenceNumbers, signal);
    }
    // A keep-alive has the number of the message that will come next.
    const isKeepAlive = (notificationMessage.notificationData ?? []).length === 0;
    subscription.next = isKeepAlive ? sequenceNumber : following(sequenceNumber);
    await this.#deliver(subscription, notificationMessage, signal);
  }

  /** Messages that did not come are asked for again, in order; `to` is the first that is there. */
  async #fetchMissing(
    subscription: Subscription,
    { from, to }: { readonly from: number; readonly to: number },
    available: readonly number[] | null,
    signal: AbortSignal,
  ): Promise<void> {
    const kept = new Set(available);
    const missing = range(from, to);
    for (const sequence of missing) {
      if (missing.length > MOST_REPUBLISHED || !kept.has(sequence)) {
        this.#events.missed(subscription, [from, to], NOT_KEPT);
        return;
      }
      const message = await this.#republish(subscription.id, sequence, signal);
      if (message !== undefined) await this.#deliver(subscription, message, signal);
      else this.#events.missed(subscription, [sequence, following(sequence)], NOT_KEPT);
    }
  }

  async #republish(
    subscriptionId: number,
    retransmitSequenceNumber: number,
    signal: AbortSignal,
  ): Promise<Library.NotificationMessage | undefined> {
    const { library, session } = this.#services;
    const request = new library.RepublishRequest({ subscriptionId, retransmitSequenceNumber });
    const again = (): Promise<Library.RepublishResponse> =>
      new Promise((resolve, reject) => {
        session.republish(request, (error, response) => {
          if (response === undefined || error !== null) reject(error ?? new Error('a response without content'));
          else resolve(response);
        });
      });
    try {
      return (await this.#services.ask('a republish', again, signal)).notificationMessage;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'device-refused') return undefined;
      throw error;
    }
  }

  async #deliver(
    subscription: Subscription,
    { sequenceNumber, notificationData }: Library.NotificationMessage,
    signal: AbortSignal,
  ): Promise<void> {
    if (notificationData === null || notificationData.length === 0) return;
    this.#acknowledgements.push({ subscriptionId: subscription.id, sequenceNumber });
    const { DataChangeNotification, StatusChangeNotification } = this.#services.library;
    for (const data of notificationData) {
      if (data instanceof StatusChangeNotification) throw this.#ended(data.status.name);
      if (!(data instanceof DataChangeNotification)) continue;
      try {
        this.#events.changed(subscription, await this.#changes(subscription, contentOf(data), signal));
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'answer-malformed') throw error;
        this.#events.missed(subscription, [sequenceNumber, following(sequenceNumber)], error.message);
      }
    }
  }

  async #changes({ isStructured }: Subscription, content: Buffer, signal: AbortSignal): Promise<Changes> {
    const { library, session } = this.#services;
    if (!isStructured) return changesOf(library, content);
    // What a structure holds the stack knows only when it has asked the server.
    const notification = decodeContent(library, content);
    const decode = (): Promise<void> => library.promoteOpaqueStructureInNotificationData(session, [notification]);
    await this.#services.ask('the types of structures', decode, signal);
    return changesIn(notification);
  }

  #ended(why: string, cause?: unknown): GatewayError {
    return new GatewayError('connection-lost', `the server ended the subscription: ${why}`, { cause });
  }
}

const LONGEST_WAIT = 3_600_000; // milliseconds

function following(sequence: number): number {
  return sequence === LAST ? FIRST_AFTER_WRAP : sequence + 1;
}

/** The numbers from `from` up to, without, `to`; none where that would be backwards, or most of all there are. */
function range(from: number, to: number): readonly number[] {
  const length = to >= from ? to - from : to - FIRST_AFTER_WRAP + (LAST - from + 1);
  const numbers: number[] = [];
  for (let sequence = from; numbers.length < Math.min(length, MOST_REPUBLISHED + 1); sequence = following(sequence)) {
    numbers.push(sequence);
  }
  return numbers;
}
