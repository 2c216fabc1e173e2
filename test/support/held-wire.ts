import type { Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Wire, WireListener } from '../../src/wire/wire.ts';

/** A wire whose far end is in the hands of a test: nothing waits, nothing is lost. */
export class HeldWire implements Wire {
  readonly sent: Buffer[] = [];
  #listener: WireListener | undefined;
  #open = true;

  get open(): boolean {
    return this.#open;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  send(bytes: Buffer): void {
    this.sent.push(bytes);
  }

  destroy(): void {
    this.#open = false;
    this.#listener = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  /** What the far end says, in one chunk. */
  deliver(bytes: Buffer): void {
    this.#listener?.received(bytes);
  }

  /** The far end goes away. */
  lose(): void {
    const listener = this.#listener;
    this.destroy();
    listener?.lost(new GatewayError('connection-lost', 'the far end is gone'));
  }
}

/** A clock that stands still, and whose timers fire all together when a test says so: for millions of rounds. */
export class StillClock implements Clock {
  now = 0;
  readonly #timers = new Set<() => void>();

  monotonic(): number {
    return this.now;
  }

  wall(): number {
    return this.now;
  }

  after(_: number, action: () => void): () => void {
    this.#timers.add(action);
    return () => this.#timers.delete(action);
  }

  sleep(): Promise<void> {
    throw new Error('nobody sleeps here');
  }

  fire(): void {
    for (const action of this.#timers) action();
    this.#timers.clear();
  }
}
