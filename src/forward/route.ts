import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { endpointOf, openTcp } from './transport.ts';

const PROBE_EVERY = 5 * 60_000; // milliseconds
const PROBE_TIMEOUT = 10_000;

/** The brokers of one destination: the first is preferred, the others stand in for it. */
export class Route {
  readonly #urls: readonly [string, ...string[]];
  #index = 0;
  /** Whose turn it is after the end of this connection; undefined: that of the next one in the list. */
  #wanted: number | undefined;

  constructor(urls: readonly [string, ...string[]]) {
    this.#urls = urls;
  }

  /** The broker whose turn it is. */
  get url(): string {
    return this.#urls[this.#index] ?? this.#urls[0];
  }

  /** The connection could not be made, or ended: it is the next one's turn. */
  failed(): void {
    this.#index = this.#wanted ?? (this.#index + 1) % this.#urls.length;
    this.#wanted = undefined;
  }

  /** The connection will end by our own wish: the same one is used again. */
  stay(): void {
    this.#wanted = this.#index;
  }

  /** While a stand-in is used, looks whether the first one listens again, and says so; returns the way to stop it. */
  probeFirst(clock: Clock, back: (reason: GatewayError) => void): () => void {
    if (this.#index === 0) return () => undefined;
    const stop = new AbortController();
    const probing = this.#probe(clock, stop.signal).then(
      () => {
        this.#wanted = 0;
        back(new GatewayError('destination-lost', 'the first broker of the list is back'));
      },
      () => undefined, // stopped
    );
    return () => {
      stop.abort();
      void probing;
    };
  }

  /** Resolves once the first broker accepts a connection. */
  async #probe(clock: Clock, signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(PROBE_EVERY, signal);
      const late = new AbortController();
      const cancel = clock.after(PROBE_TIMEOUT, () => late.abort());
      const socket = await openTcp(endpointOf(this.#urls[0]), AbortSignal.any([signal, late.signal])).catch(
        () => undefined,
      );
      cancel();
      socket?.destroy();
      if (socket !== undefined) return;
    }
  }
}
