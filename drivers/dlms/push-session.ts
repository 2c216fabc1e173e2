import type { DriverContext, ListeningSession, Pushed } from '../../src/collect/driver.ts';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { PushingMeter } from './pushing-meter.ts';
import type { Heard, Telegrams } from './telegrams.ts';

// What is not taken waits; a meter speaks every other second at most.
const MOST_WAITING = 1_000;

// Milliseconds. A telegram has no pauses; the next one must not be held up by what is missing of the last.
const LONGEST_PAUSE = 500;

/** Meters that send their values by themselves, on one line. */
export class PushSession implements ListeningSession {
  readonly #wire: Wire;
  readonly #telegrams: Telegrams;
  readonly #meters: readonly PushingMeter[];
  readonly #context: DriverContext;
  readonly #waiting: Pushed[] = [];
  #heardAt = Number.NEGATIVE_INFINITY;
  #lost: GatewayError | undefined;
  #wake: () => void = () => undefined;

  constructor(wire: Wire, telegrams: Telegrams, meters: readonly PushingMeter[], context: DriverContext) {
    this.#wire = wire;
    this.#telegrams = telegrams;
    this.#meters = meters;
    this.#context = context;
    wire.listen({ received: (bytes) => this.#received(bytes), lost: (error) => this.#end(error) });
  }

  async *listen(signal: AbortSignal): AsyncGenerator<Pushed> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift();
        if (next !== undefined) yield next;
        else if (this.#lost !== undefined) throw this.#lost;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #received(bytes: Buffer): void {
    const now = this.#context.clock.monotonic();
    const unfinished = now - this.#heardAt > LONGEST_PAUSE ? this.#telegrams.drop() : [];
    this.#heardAt = now;
    for (const heard of [...unfinished, ...this.#telegrams.push(bytes)]) this.#take(heard);
  }

  #take(heard: Heard): void {
    this.#trace(heard);
    if (heard.kind === 'part') return;
    if (heard.kind !== 'apdu') {
      this.#context.observe(heard.kind, undefined, heard.detail);
      return;
    }
    const pushed = this.#understand(heard.apdu, heard.source);
    if (pushed === undefined) return;
    this.#waiting.push(pushed);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#wake();
  }

  /** What it says to the first of the meters that it can come from. */
  #understand(apdu: Buffer, source: string): Pushed | undefined {
    const reasons: string[] = [];
    for (const meter of this.#meters) {
      try {
        return meter.hear(apdu, this.#heardAt);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        reasons.push(`${meter.id}: ${messageOf(error)}`);
      }
    }
    this.#context.observe('malformed-frame', undefined, `a telegram from ${source}: ${reasons.join('; ')}`);
    return undefined;
  }

  #trace({ bytes, ...heard }: Heard): void {
    const meaning =
      'detail' in heard ? `${heard.kind}: ${heard.detail}` : heard.kind === 'apdu' ? 'a telegram' : 'a part';
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning });
  }

  #end(error: GatewayError): void {
    this.#lost = error;
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost ??= new GatewayError('connection-lost', 'the session was closed');
    this.#wake();
    await this.#wire[Symbol.asyncDispose]();
  }
}
