import type { ListeningSession, Pushed } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';

// Telegrams that wait while the journal is slow: some minutes of a meter that speaks every second.
const MOST_WAITING = 256;

/** Listens to the meters on a wire; `hear` makes of the bytes that arrived what was said, and never throws. */
export class MeterListener implements ListeningSession {
  readonly #wire: Wire;
  readonly #dropped: () => void;
  readonly #ended: () => Promise<void>;
  readonly #waiting: Pushed[] = [];
  #lost: GatewayError | undefined;
  #woken = Promise.withResolvers<void>();

  /**
   * To be called in the turn in which the wire was opened. `dropped` is told of each telegram that waited too long,
   * `ended` once, when nothing will be heard any more.
   */
  constructor(
    wire: Wire,
    hear: (bytes: Buffer) => readonly Pushed[],
    dropped: () => void,
    ended: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#wire = wire;
    this.#ended = ended;
    this.#dropped = dropped;
    wire.listen({
      received: (bytes) => this.#heard(hear(bytes)),
      lost: (error) => {
        this.#lost = error;
        this.#woken.resolve();
      },
    });
  }

  async *listen(signal: AbortSignal): AsyncGenerator<Pushed, void, undefined> {
    const onAbort = (): void => this.#woken.resolve();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const pushed = this.#waiting.shift();
        if (pushed !== undefined) {
          yield pushed;
          continue;
        }
        if (this.#lost !== undefined) throw this.#lost;
        await this.#woken.promise;
        this.#woken = Promise.withResolvers();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #heard(pushed: readonly Pushed[]): void {
    for (const one of pushed) {
      if (this.#waiting.length >= MOST_WAITING) this.#drop();
      this.#waiting.push(one);
    }
    if (pushed.length > 0) this.#woken.resolve();
  }

  /** The oldest goes first; the points that it brought along go with the next of the same meter. */
  #drop(): void {
    const { device, discovered = [] } = this.#waiting.shift() ?? {};
    const next = this.#waiting.findIndex((pushed) => pushed.device === device);
    const heir = this.#waiting[next];
    if (heir !== undefined && discovered.length > 0) {
      this.#waiting[next] = { ...heir, discovered: [...discovered, ...(heir.discovered ?? [])] };
    }
    this.#dropped();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost ??= new GatewayError('connection-lost', 'the session was closed');
    this.#woken.resolve();
    await this.#wire[Symbol.asyncDispose]();
    await this.#ended();
  }
}
