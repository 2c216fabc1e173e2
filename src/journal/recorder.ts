import type { Clock } from '../model/clock.ts';
import { asGatewayError, type GatewayError } from '../model/errors.ts';
import type { ReadingClass } from '../model/point.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import type { Report } from '../ops/events.ts';
import { clockState } from './clock-state.ts';
import { createEncoder, type Encoder } from './encode.ts';
import type { Anchor, Journal, Recorder } from './journal.ts';

export type RecorderOptions = {
  /** Longest milliseconds that a reading may wait in memory. */
  readonly commit: number;
  readonly clock: Clock;
  readonly report: Report;
};

// A batch is sealed at either. Fewer readings cost the journal more for each, more make its latency worse.
const MOST_READINGS = 4_000;
const MOST_BYTES = 65_536;

// Whoever starts a gateway wants to see that it works: its first readings do not wait for a whole `commit`.
const FIRST_COMMIT = 100; // milliseconds

// What may wait for the journal, in bytes: it can take about ten seconds of a card that is very slow.
const MOST_WAITING = 8 * 1_048_576;

// A larger change of wall minus monotonic, in milliseconds, is a step of the clock.
const STEP = 250;

/** Makes the recorder of a journal; it begins with the journal's newest anchor. */
export function createRecorder(journal: Journal, options: RecorderOptions): Recorder {
  return new JournalRecorder(journal, options);
}

class JournalRecorder implements Recorder {
  readonly #journal: Journal;
  readonly #options: RecorderOptions;
  readonly #encoders = new Map<ReadingClass, Encoder>();
  /** By point number. */
  readonly #classes: (ReadingClass | undefined)[] = [];
  /** The current one, which may still be on its way into the journal, and its offset. */
  #anchor: Promise<Anchor>;
  #offset: number;
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
    const anchor = [...journal.anchors.values()].at(-1);
    if (anchor === undefined) throw new TypeError('a journal has an anchor from its opening on');
    this.#anchor = Promise.resolve(anchor);
    this.#offset = anchor.offset;
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

  /** Seals what is open of the classes; all classes, and a new anchor behind them, when the clock has stepped. */
  #seal(names: readonly ReadingClass[]): void {
    const open = names.filter((name) => (this.#encoders.get(name)?.count ?? 0) > 0);
    if (open.length === 0) return;
    const { clock } = this.#options;
    const offset = Math.round(clock.wall() - clock.monotonic());
    const stepped = Math.abs(offset - this.#offset) > STEP;
    for (const name of stepped ? this.#encoders.keys() : open) this.#commit(name);
    if (stepped) this.#takeNewTime(offset);
  }

  #commit(name: ReadingClass): void {
    const encoder = this.#encoder(name);
    if (encoder.count === 0) return;
    const { count, oldest, newest } = encoder;
    const body = encoder.seal();
    const bytes = body.length;
    this.#waitingBytes += bytes;
    const append = ({ number: anchor, offset }: Anchor): Promise<unknown> =>
      this.#journal.append({ class: name, count, anchor, from: oldest + offset, to: newest + offset, body });
    // The journal commits in order, so the last one to be committed is the one to wait for.
    this.#committed = this.#anchor.then(append).then(
      () => this.#relieve(bytes),
      (error: unknown) => this.#fail(error),
    );
  }

  #takeNewTime(offset: number): void {
    this.#options.report('clock-stepped', { milliseconds: offset - this.#offset });
    this.#offset = offset;
    // A clock that a time service has set once stays synchronised; one that was only assumed may be so by now.
    this.#anchor = this.#anchor.then(({ state }) => this.#journal.anchor(offset, clockState(state === 'synchronised')));
    this.#anchor.catch((error: unknown) => this.#fail(error));
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
