import { withDeadline, type Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { FrameTap } from '../../src/wire/trace.ts';
import type { SerialWire } from '../../src/wire/serial.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { withoutParity, withParity } from './seven-bits.ts';

/** What a conversation cannot go on without: nothing was heard in time, or what was heard makes no sense. */
export class Misunderstanding extends Error {
  readonly reason: 'no-answer' | 'malformed-answer' | 'refused';

  constructor(reason: Misunderstanding['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export type LineManner = {
  readonly softwareParity: boolean;
  /** What the line is opened with. */
  readonly baud: number;
  /** Longest silence before and within an answer, milliseconds. */
  readonly patience: number;
};

const QUIET = 100; // milliseconds without a byte: nobody speaks any more
const MOST_HELD = 131_072;

// What is heard in one piece: 30 000 characters take 1 000 s at 300 Bd. A meter may pause for 1.5 s between two of them,
// but none does so between all.
const LONGEST_HEARING = 1_200_000; // milliseconds
const FEWEST = 4; // bytes a second, judged after
const JUDGED_AFTER = 10_000; // milliseconds beyond its patience

/** Speaks and hears on an open line: bytes that are awaited with patience, and whose beginning tells when they are whole. */
export class Conversation implements AsyncDisposable {
  readonly #wire: Wire | SerialWire;
  readonly #clock: Clock;
  readonly #tap: FrameTap;
  readonly #manner: LineManner;
  #heard: Buffer = Buffer.alloc(0);
  #heardAt = -Infinity;
  /** What was said last, as long as the line may still hand it back. */
  #echo: Buffer = Buffer.alloc(0);
  #baud: number;
  #lost: GatewayError | undefined;
  #arrival = Promise.withResolvers<void>();

  /** To be called in the turn in which the wire was opened. */
  constructor(
    wire: Wire | SerialWire,
    manner: LineManner,
    { clock, tap }: { readonly clock: Clock; readonly tap: FrameTap },
  ) {
    this.#wire = wire;
    this.#clock = clock;
    this.#tap = tap;
    this.#manner = manner;
    this.#baud = manner.baud;
    wire.listen({
      received: (bytes) => this.#received(bytes),
      lost: (error) => {
        this.#lost = error;
        this.#arrival.resolve();
      },
    });
  }

  get isOpen(): boolean {
    return this.#lost === undefined && this.#wire.open;
  }

  /** Only the speed of a serial port of this machine can be changed. */
  get changesSpeed(): boolean {
    return 'setBaud' in this.#wire;
  }

  /** Waits until nobody speaks, and forgets what was said. */
  async hush(signal: AbortSignal): Promise<void> {
    for (let wait = this.#quietIn(); wait > 0; wait = this.#quietIn()) await this.#clock.sleep(wait, signal);
    this.#heard = Buffer.alloc(0);
  }

  #quietIn(): number {
    return this.#heardAt + QUIET - this.#clock.monotonic();
  }

  say(bytes: Buffer, meaning: string): void {
    this.#tap.listener?.({ direction: 'sent', bytes, meaning });
    this.#send(bytes);
  }

  /** Says what nobody else may see. */
  sayHidden(bytes: Buffer, meaning: string): void {
    this.#tap.listener?.({ direction: 'sent', bytes: Buffer.alloc(0), meaning });
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    this.#echo = bytes;
    this.#wire.send(this.#manner.softwareParity ? withParity(bytes) : bytes);
  }

  pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(milliseconds, signal);
  }

  /** Changes the speed once everything that was said has left the port, and `characterTime` milliseconds later. */
  async changeSpeed(baud: number, characterTime: number, signal: AbortSignal): Promise<void> {
    if (!('setBaud' in this.#wire) || baud === this.#baud) return;
    await this.#wire.drained(signal);
    // The hardware still holds a character when the driver has none.
    await this.#clock.sleep(characterTime, signal);
    await this.#wire.setBaud(baud, signal);
    this.#baud = baud;
  }

  /** What was heard until now is nothing that is waited for, nor what is still handed back of our own words. */
  forget(): void {
    this.#heard = Buffer.alloc(0);
    this.#echo = Buffer.alloc(0);
  }

  /**
   * What `find` makes of the bytes heard since the last find, once it makes something of them; so many of their bytes as
   * it says are then taken. Rejects with a Misunderstanding after too long a silence, with the loss of the line, or with
   * the signal's reason.
   */
  async hear<T>(
    find: (heard: Buffer) => { readonly found: T; readonly length: number } | undefined,
    meaning: (found: T) => string,
    signal: AbortSignal,
  ): Promise<T> {
    const began = this.#clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      const result = this.#isEcho() ? undefined : find(this.#heard);
      if (result !== undefined) {
        const bytes = this.#heard.subarray(0, result.length);
        this.#heard = this.#heard.subarray(result.length);
        this.#tap.listener?.({ direction: 'received', bytes, meaning: meaning(result.found) });
        return result.found;
      }
      if (this.#lost !== undefined) throw this.#lost;
      await this.#wait(signal);
      this.#judgePace(this.#clock.monotonic() - began);
    }
  }

  /** Whoever says a byte now and then is not waited for until it is done: others want the line. */
  #judgePace(milliseconds: number): void {
    const count = this.#heard.length;
    const tooSlow = milliseconds > this.#manner.patience + JUDGED_AFTER && count < (FEWEST * milliseconds) / 1_000;
    if (!tooSlow && milliseconds < LONGEST_HEARING) return;
    const seconds = Math.round(milliseconds / 1_000);
    throw new Misunderstanding('malformed-answer', `${count} bytes were heard in ${seconds} s, and no end of them`);
  }

  /** Takes out what the line hands back of our own words; true while that is not whole. */
  #isEcho(): boolean {
    const length = Math.min(this.#echo.length, this.#heard.length);
    if (length === 0) return false;
    if (!this.#heard.subarray(0, length).equals(this.#echo.subarray(0, length))) {
      this.#echo = Buffer.alloc(0);
      return false;
    }
    if (length < this.#echo.length) return true;
    this.#heard = this.#heard.subarray(length);
    this.#echo = Buffer.alloc(0);
    return false;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { patience: milliseconds } = this.#manner;
    const late = (): Misunderstanding => {
      const count = this.#heard.length;
      return count === 0
        ? new Misunderstanding('no-answer', `nothing was heard within ${milliseconds} ms`)
        : new Misunderstanding('malformed-answer', `${count} bytes were heard, and no end of them`);
    };
    this.#arrival = Promise.withResolvers();
    await withDeadline(this.#arrival.promise, { clock: this.#clock, milliseconds, late, signal });
  }

  #received(bytes: Buffer): void {
    const plain = this.#manner.softwareParity ? withoutParity(bytes) : bytes;
    this.#heard = this.#heard.length > MOST_HELD ? plain : Buffer.concat([this.#heard, plain]);
    this.#heardAt = this.#clock.monotonic();
    this.#arrival.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost ??= new GatewayError('connection-lost', 'the session was closed');
    this.#arrival.resolve();
    await this.#wire[Symbol.asyncDispose]();
  }
}
