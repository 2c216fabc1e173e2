import type {
  DiscoveredPoint,
  DriverContext,
  Identity,
  ScanRange,
  ScanStep,
  Session,
  TimeSpan,
} from '../../src/collect/driver.ts';
import { GatewayError, type ErrorCode } from '../../src/model/errors.ts';
import { badReading, type Reading, type Reason } from '../../src/model/reading.ts';
import { localZone } from '../meter/time.ts';
import { Conversations, type ConversationOptions, type Outcome } from './conversation.ts';
import { gather } from './gathered.ts';
import { readKey } from './keys.ts';
import type { Line } from './line.ts';
import { familyOf } from './media.ts';
import { readingOf, storedMoments, storedReadings } from './readings.ts';
import { discovered } from './naming.ts';
import { factsOf, scanAsk } from './scan.ts';
import type { Device, Points } from './schema.ts';
import { searchLine } from './search.ts';
import { complaintsIn } from './status.ts';
import type { Telegram } from './telegram.ts';

export type SessionSettings = {
  readonly retries: number;
  /** A serial port of this machine: answers come when the meters send them. */
  readonly isNear: boolean;
};

/** A line with meters. */
export class MbusSession implements Session {
  readonly #line: Line;
  readonly #context: DriverContext;
  readonly #settings: SessionSettings;
  readonly #conversations: Conversations;
  readonly #keys = new Map<string, Buffer>();
  /** Devices that said nothing when they were asked last. */
  readonly #silent = new Set<string>();
  /** What each device said last was wrong with it. */
  readonly #complaints = new Map<string, string>();

  constructor(line: Line, context: DriverContext, settings: SessionSettings) {
    this.#line = line;
    this.#context = context;
    this.#settings = settings;
    this.#conversations = new Conversations(line, () => context.clock.monotonic());
  }

  async read(device: Device, points: Points, signal: AbortSignal): Promise<readonly Reading[]> {
    if (points.length === 0) return [];
    const zone = device.settings.zone ?? localZone();
    const isEnough = (telegrams: readonly Telegram[]): boolean => {
      const so = gather(telegrams, zone, this.#context.clock.wall());
      return points.every(({ address }) => so.has(address.record.text));
    };
    const outcome = await this.#ask(device, signal, { isEnough });
    if (outcome.kind === 'failed') {
      const time = this.#context.clock.monotonic();
      return points.map(({ number }) => badReading(number, outcome.reason, time));
    }
    const gathered = gather(outcome.telegrams, zone, this.#context.clock.wall());
    return points.map((point) => readingOf(point, gathered, outcome.receivedTime));
  }

  async discover(device: Device, signal: AbortSignal): Promise<readonly DiscoveredPoint[]> {
    const { telegrams } = await this.#told(device, signal);
    const gathered = gather(telegrams, device.settings.zone ?? localZone(), this.#context.clock.wall());
    const family = familyOf(telegrams[0]?.header.medium);
    const points = [...gathered.values()].map((record) => discovered(record, family));
    if (points.length === 0) throw new GatewayError('device-undescribed', `${device.id} sends no records`);
    return points;
  }

  async identify(device: Device, signal: AbortSignal): Promise<Identity> {
    const { telegrams } = await this.#told(device, signal);
    const header = telegrams[0]?.header;
    const named = header?.identification === undefined ? [] : factsOf(header.identification);
    const old: [string, string][] = header?.id === undefined || named.length > 0 ? [] : [['id', header.id]];
    const records = telegrams.reduce((sum, telegram) => sum + telegram.records.length, 0);
    const facts = [...named, ...old, ...textsIn(telegrams)].map(([name, value]) => ({ name, value }));
    return {
      facts,
      describes: `M-Bus: ${records} records in ${telegrams.length === 1 ? '1 telegram' : `${telegrams.length} telegrams`}`,
    };
  }

  scan(range: ScanRange, signal: AbortSignal): AsyncIterable<ScanStep> {
    return searchLine(range, scanAsk(this.#line, this.#settings.isNear, signal));
  }

  async *history(
    device: Device,
    points: Points,
    span: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Reading[], void> {
    const { telegrams, receivedTime } = await this.#told(device, signal);
    const gathered = gather(telegrams, device.settings.zone ?? localZone(), this.#context.clock.wall());
    if (storedMoments(gathered).length === 0) {
      throw new GatewayError('device-refused', `${device.id} stores nothing with a date`);
    }
    yield* storedReadings(points, gathered, span, receivedTime);
  }

  async #ask(
    device: Device,
    signal: AbortSignal,
    options: Pick<ConversationOptions, 'isEnough'> = {},
  ): Promise<Outcome> {
    const { id, settings } = device;
    // Whoever was silent is asked once: the others on the line wait.
    const retries = this.#silent.has(id) ? 0 : this.#settings.retries;
    const partner = { id, address: settings.address, key: await this.#keyOf(device) };
    const outcome = await this.#conversations.ask(partner, { signal, retries, ...options });
    if (outcome.kind === 'failed' && outcome.reason === 'no-answer') this.#silent.add(id);
    else this.#silent.delete(id);
    if (outcome.kind === 'failed' && !ON_THE_LINE.has(outcome.reason)) {
      this.#context.observe(
        outcome.reason === 'malformed-answer' ? 'malformed-frame' : 'exception',
        id,
        outcome.detail,
      );
    }
    if (outcome.kind === 'told') this.#hearComplaints(id, outcome.telegrams);
    return outcome;
  }

  /** A meter that finds something wrong with itself, or no more, is told once. */
  #hearComplaints(id: string, telegrams: readonly Telegram[]): void {
    const complaints = complaintsIn(telegrams.map(({ header }) => header.status).find((each) => each !== undefined));
    if (complaints === (this.#complaints.get(id) ?? '')) return;
    this.#complaints.set(id, complaints);
    const state = complaints === '' ? 'all is well again' : complaints;
    this.#context.observe('exception', id, `it says of itself: ${state}`);
  }

  async #keyOf(device: Device): Promise<Buffer | undefined> {
    const known = this.#keys.get(device.id);
    const key = known ?? (await readKey(device));
    if (key !== undefined) this.#keys.set(device.id, key);
    return key;
  }

  async #told(device: Device, signal: AbortSignal): Promise<Outcome & { kind: 'told' }> {
    const outcome = await this.#ask(device, signal);
    if (outcome.kind === 'told') return outcome;
    const code = FAILURES[outcome.reason] ?? 'device-refused';
    throw new GatewayError(code, `${device.id}: ${outcome.detail}`);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#line[Symbol.asyncDispose]();
  }
}

/** What the line has told already. */
const ON_THE_LINE: ReadonlySet<string> = new Set(['no-answer', 'not-connected', 'foreign-answer']);

const FAILURES: Partial<Record<Reason, ErrorCode>> = {
  'no-answer': 'no-answer',
  'malformed-answer': 'answer-malformed',
  'foreign-answer': 'answer-malformed',
};

/** Texts and numbers by which a meter describes itself. */
function textsIn(telegrams: readonly Telegram[]): readonly [name: string, value: string][] {
  return telegrams.flatMap(({ records }) =>
    records.flatMap(({ place, content, value }): [string, string][] =>
      content === 'text' && typeof value === 'string' && place.storage === 0 ? [[place.name, value]] : [],
    ),
  );
}
