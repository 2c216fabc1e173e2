import type { DriverContext, Pushed } from '../../src/collect/driver.ts';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import type { Instant, PushingMeter } from './pushing-meter.ts';
import type { Heard, Telegrams } from './telegrams.ts';

// Milliseconds. A telegram has no pauses; the next one must not be held up by what is missing of the last.
const LONGEST_PAUSE = 500;

/** Makes of what arrives on one line what its meters say. */
export class PushedLine {
  readonly #telegrams: Telegrams;
  readonly #meters: readonly PushingMeter[];
  readonly #context: DriverContext;
  #heardAt: Instant | undefined;

  constructor(telegrams: Telegrams, meters: readonly PushingMeter[], context: DriverContext) {
    this.#telegrams = telegrams;
    this.#meters = meters;
    this.#context = context;
  }

  /** What bytes that arrive now complete. */
  hear(bytes: Buffer): readonly Pushed[] {
    const { clock } = this.#context;
    const now = { monotonic: clock.monotonic(), wall: clock.wall() };
    const before = this.#heardAt;
    const isLate = before !== undefined && now.monotonic - before.monotonic > LONGEST_PAUSE;
    // Noise that looked like the beginning of a frame may have hidden a whole one: it came when it came.
    const hidden = isLate ? this.#telegrams.drop().flatMap((heard) => this.#take(heard, before) ?? []) : [];
    this.#heardAt = now;
    return [...hidden, ...this.#telegrams.push(bytes).flatMap((heard) => this.#take(heard, now) ?? [])];
  }

  #take(heard: Heard, at: Instant): Pushed | undefined {
    this.#trace(heard);
    if (heard.kind === 'apdu') return this.#understand(heard.apdu, heard.source, at);
    if (heard.kind !== 'part') this.#context.observe(heard.kind, undefined, heard.detail);
    return undefined;
  }

  /** What it says to the first of the meters that it can come from. */
  #understand(apdu: Buffer, source: string, at: Instant): Pushed | undefined {
    const reasons: string[] = [];
    for (const meter of this.#meters) {
      try {
        return meter.hear(apdu, at);
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
