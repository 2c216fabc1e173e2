import { withDeadline, type Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';

/** What has arrived and waits to be taken, for one who takes one after the other. */
export class Inbox<Item> {
  readonly #clock: Clock;
  #waiting: Item[] = [];
  #lost: GatewayError | undefined;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(item: Item): void {
    this.#waiting.push(item);
    this.#wake();
  }

  /** Nothing will come any more: whoever waits is told, and so is everybody after. */
  end(error: GatewayError): void {
    this.#lost ??= error;
    this.#wake();
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Resolves with the next item, or with undefined where none comes within so many milliseconds. */
  async next(milliseconds: number, signal: AbortSignal): Promise<Item | undefined> {
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && this.#lost === undefined) await this.#arrival(milliseconds, signal);
    const item = this.#waiting.shift();
    if (item === undefined && this.#lost !== undefined) throw this.#lost;
    return item;
  }

  async #arrival(milliseconds: number, signal: AbortSignal): Promise<void> {
    const late = new GatewayError('no-answer', 'nothing came');
    const arrival = new Promise<void>((resolve) => (this.#wake = resolve));
    try {
      await withDeadline(arrival, { clock: this.#clock, milliseconds, late: () => late, signal });
    } catch (error) {
      if (error !== late) throw error;
    }
  }
}
