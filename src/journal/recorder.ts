import type { Clock } from '../model/clock.ts';
import { asGatewayError, type GatewayError } from '../model/errors.ts';
import type { ReadingClass } from '../model/point.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import { createEncoder, type Encoder } from './encode.ts';
import type { Anchor, Journal, Recorder } from './journal.ts';
import type { Timekeeper } from './timekeeper.ts';

export type RecorderOptions = {
  /** Longest milliseconds that a reading may wait in memory. */
  readonly commit: number;
  readonly clock: Clock;
  /** Whose anchor the readings are committed under. */
  readonly time: Pick<Timekeeper, 'anchor' | 'beforeAnchor' | 'check'>;
};

// A batch is sealed at either. Fewer readings cost the journal more for each, more make its latency worse.
const MOST_READINGS = 4_000;
const MOST_BYTES = 65_536;

// Whoever starts a gateway wants to see that it works: its first readings do not wait for a whole `commit`.
const FIRST_COMMIT = 100; // milliseconds

// What may wait for the journal, in bytes: it can take about ten seconds of a card that is very slow.
const MOST_WAITING = 8 * 1_048_576;

/** Makes the recorder of a journal. */
export function createRecorder(journal: Journal, options: RecorderOptions): Recorder {
  return new JournalRecorder(journal, options);
}

class JournalRecorder implements Recorder {
  readonly #journal: Journal;
  readonly #options: RecorderOptions;
  readonly #encoders = new Map<ReadingClass, Encoder>();
  /** By point number. */
  readonly #classes: (ReadingClass | undefined)[] = [];
  #cancelTimer: (() => void) | undefined;
  /** Milliseconds until what is in memory must be sealed. */
  #patience: number;
  /** Settles, and never rejects, once all that was sealed so far is durable or has failed. */
  #committed: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #relief: PromiseWithResolvers<void> | undefined;
  #failure: GatewayError | undefined;

  constructor(journal: Journal, options: RecorderOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#patience = Math.min(FIRST_COMMIT, options.commit);
    options.time.beforeAnchor(() => [...this.#encoders.keys()].forEach((name) => this.#commit(name)));
  }

  record(readings: readonly Reading[]): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    for (const reading of readings) {
      const name = this.#classOf(reading.point);
      const encoder = this.#encoder(name);
      encoder.add(reading);
      if (encoder.count >= MOST_READINGS || encoder.bytes >= MOST_BYTES) this.#seal([name]);
    }
    this.#seal(['alarm']);
    this.#cancelTimer ??= this.#options.clock.after(this.#patience, () => this.#sealAll());
    return this.#waitingBytes > MOST_WAITING ? this.#untilRelieved() : undefined;
  }

  async flush(): Promise<void> {
    this.#sealAll();
    await this.#committed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #classOf(point: PointNumber): ReadingClass {
    const known = (this.#classes[point] ??= this.#journal.points.get(point)?.class);
    if (known === undefined) throw new TypeError(`the journal knows no point ${point}`);
    return known;
  }

  #encoder(name: ReadingClass): Encoder {
    const known = this.#encoders.get(name);
    if (known !== undefined) return known;
    const encoder = createEncoder();
    this.#encoders.set(name, encoder);
    return encoder;
  }

  #sealAll(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#patience = this.#options.commit;
    this.#seal([...this.#encoders.keys()]);
  }

  /** Seals what is open of the classes; when the clock has stepped the others follow, and a new anchor behind them. */
  #seal(names: readonly ReadingClass[]): void {
    const open = names.filter((name) => (this.#encoders.get(name)?.count ?? 0) > 0);
    if (open.length === 0) return;
    for (const name of open) this.#commit(name);
    this.#options.time.check();
  }

  #commit(name: ReadingClass): void {
    const encoder = this.#encoder(name);
    if (encoder.count === 0) return;
    const { count, oldest, newest, historic } = encoder;
    const body = encoder.seal();
    const bytes = body.length;
    this.#waitingBytes += bytes;
    const append = ({ number: anchor, offset }: Anchor): Promise<unknown> =>
      this.#journal.append({ class: name, count, anchor, from: oldest + offset, to: newest + offset, historic, body });
    // The journal commits in order, so the last one to be committed is the one to wait for.
    this.#committed = this.#options.time.anchor.then(append).then(
      () => this.#relieve(bytes),
      (error: unknown) => this.#fail(error),
    );
  }

  #untilRelieved(): Promise<void> {
    this.#relief ??= Promise.withResolvers();
    return this.#relief.promise;
  }

  #relieve(bytes: number): void {
    this.#waitingBytes -= bytes;
    if (this.#waitingBytes > MOST_WAITING / 2) return;
    this.#relief?.resolve();
    this.#relief = undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= asGatewayError(error, 'journal-failed');
    this.#relief?.reject(this.#failure);
    this.#relief = undefined;
  }
}
