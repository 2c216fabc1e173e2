import { connectAsync, type MqttClient } from 'mqtt';
import { Ledger } from '../../src/centre/ledger.ts';
import type { DataMessage, GapMessage, Message, ReceivedReading, Rejection } from '../../src/centre/message.ts';
import { parseMessage } from '../../src/centre/parse.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import { addRange, type Ranges } from '../../src/model/ranges.ts';
import { keepFirst, type Books } from './delivered.ts';

/** A message as it came, with the time of its arrival on the monotonic clock. */
export type Arrived = {
  readonly topic: string;
  readonly retained: boolean;
  readonly at: number;
  readonly message: Message;
};

/**
 * What a centre would receive, taken apart by its own parser and booked by its own ledger: a message that it would reject
 * fails the test. It is back within a moment of its broker.
 */
export class Recipient implements Books, AsyncDisposable {
  readonly arrived: Arrived[] = [];
  /** First content of each sequence; a repeat with other content is in `conflicts`. */
  readonly contents = new Map<number, string>();
  readonly conflicts: number[] = [];
  readonly faults: string[] = [];
  repeats = 0;
  covered: Ranges = [];
  readonly #ledger = new Ledger({ remember: 1_000_000, fromStart: true });
  readonly #readings = new Map<number, ReceivedReading>();
  /** Booked once somebody looks into the books: most tests need none. */
  readonly #unbooked: (Message | Rejection)[] = [];
  #client: MqttClient | undefined;
  readonly #waiting = new Set<() => void>();

  async subscribe(url: string, filter = 'weir/1/#'): Promise<this> {
    const client = await connectAsync(url, {
      protocolVersion: 5,
      clientId: `recipient-${Math.random().toString(16).slice(2)}`,
      clean: false,
      properties: { sessionExpiryInterval: 600 },
      reconnectPeriod: 50,
    });
    this.#client = client;
    client.on('message', (topic, payload, packet) => this.#take(topic, payload, packet.retain));
    client.on('error', () => undefined);
    await client.subscribeAsync(filter, { qos: 1 });
    return this;
  }

  get data(): readonly DataMessage[] {
    return this.arrived.flatMap(({ message }) => (message.kind === 'data' ? [message] : []));
  }

  get gaps(): readonly GapMessage[] {
    return this.arrived.flatMap(({ message }) => (message.kind === 'gap' ? [message] : []));
  }

  report(): CentreReport {
    this.#keepBooks();
    return this.#ledger.report(Date.now());
  }

  get readings(): ReadonlyMap<number, ReceivedReading> {
    this.#keepBooks();
    return this.#readings;
  }

  lane(lane: DataMessage['lane']): readonly DataMessage[] {
    return this.data.filter((message) => message.lane === lane);
  }

  /** Resolves once `predicate` holds; it is asked after each message. */
  async until(predicate: (recipient: this) => boolean): Promise<void> {
    while (!predicate(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Resolves once the coverage has no hole from the beginning to `upto`. */
  untilCovered(upto: number): Promise<void> {
    return this.until(({ covered: [first] }) => first?.after === 0 && first.upto >= upto);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #take(topic: string, payload: Uint8Array, retained: boolean): void {
    const message = parseMessage(topic, payload);
    if (message !== undefined) this.#unbooked.push(message);
    if (message === undefined || message.kind === 'rejected') {
      this.faults.push(`${topic}: ${message === undefined ? 'unknown topic' : message.detail}`);
    } else {
      this.arrived.push({ topic, retained, at: performance.now(), message });
      if (message.kind === 'data') this.#book(message);
      if (message.kind === 'gap') this.covered = addRange(this.covered, message.covers);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #keepBooks(): void {
    for (const message of this.#unbooked.splice(0)) keepFirst(this.#readings, this.#ledger.book(message, Date.now()));
  }

  #book({ covers, readings }: DataMessage): void {
    this.covered = addRange(this.covered, covers);
    for (const { seq, ...content } of readings) {
      const text = JSON.stringify(content);
      const known = this.contents.get(seq);
      if (known === undefined) this.contents.set(seq, text);
      else {
        this.repeats += 1;
        if (known !== text) this.conflicts.push(seq);
      }
    }
  }
}
