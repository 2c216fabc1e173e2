import type { DriverContext, Pushed } from '../../src/collect/driver.ts';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import type { PushingMeter } from './pushing-meter.ts';
import type { Heard, Telegrams } from './telegrams.ts';

// Milliseconds. A telegram has no pauses; the next one must not be held up by what is missing of the last.
const LONGEST_PAUSE = 500;

/** Makes of what arrives on one line what its meters say. */
export class PushedLine {
  readonly #telegrams: Telegrams;
  readonly #meters: readonly PushingMeter[];
  readonly #context: DriverContext;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(telegrams: Telegrams, meters: readonly PushingMeter[], context: DriverContext) {
    this.#telegrams = telegrams;
    this.#meters = meters;
    this.#context = context;
  }

  /** What bytes that arrive now complete. */
  hear(bytes: Buffer): readonly Pushed[] {
    const now = this.#context.clock.monotonic();
    const unfinished = now - this.#heardAt > LONGEST_PAUSE ? this.#telegrams.drop() : [];
    this.#heardAt = now;
    return [...unfinished, ...this.#telegrams.push(bytes)].flatMap((heard) => this.#take(heard) ?? []);
  }

  #take(heard: Heard): Pushed | undefined {
    this.#trace(heard);
    if (heard.kind === 'apdu') return this.#understand(heard.apdu, heard.source);
    if (heard.kind !== 'part') this.#context.observe(heard.kind, undefined, heard.detail);
    return undefined;
  }

  /** What it says to the first of the meters that it can come from. */
  #understand(apdu: Buffer, source: string): Pushed | undefined {
    const reasons: string[] = [];
    for (const meter of this.#meters) {
      try {
        return meter.hear(apdu, this.#context.clock);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        reasons.push(`${meter.id}: ${messageOf(error)}`);
      }
    }
    this.#context.observe('malformed-frame', undefined, `a telegram from ${source}: ${reasons.join('; ')}`);
    return undefined;
  }

  #trace({ bytes, ...heard }: Heard): void {
    const meaning = 'detail' in heard ? `${heard.kind}: ${heard.detail}` : MEANINGS[heard.kind];
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning });
  }
}

const MEANINGS = { apdu: 'a telegram', part: 'part of a telegram' } as const;
