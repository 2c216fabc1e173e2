import { createHash } from 'node:crypto';
import type { StateStore } from '../../src/model/state-store.ts';
import type { Keys } from './ciphering.ts';
import type { Counters } from './secure-channel.ts';

// So many numbers are set aside at once: one write to the disk for all of them.
const RESERVED = 1_000;

// Milliseconds. What was heard is remembered this often, so that a memory card lives: after a restart no more than
// this can be played to us again.
const REMEMBERED_EVERY = 60_000;

const HIGHEST = 0xffff_ffff;

/** The counters of one key, kept over restarts. A new key begins anew by itself: its name is another. */
export class KeptCounters implements Counters {
  readonly #state: StateStore | undefined;
  readonly #name: string;
  #next: number;
  #reserved: number;
  #heard: number;
  #rememberedAt = Number.NEGATIVE_INFINITY;
  readonly #now: () => number;

  /** `device` names whose they are; `now` is monotonic milliseconds. */
  constructor(state: StateStore | undefined, device: string, keys: Keys, now: () => number) {
    this.#state = state;
    this.#name = `dlms/${device}/${fingerprint(keys)}`;
    this.#next = this.#recall('sent');
    this.#reserved = this.#next;
    this.#heard = this.#recall('heard') - 1;
    this.#now = now;
  }

  async next(): Promise<number> {
    const number = this.#next;
    if (number > HIGHEST) throw new RangeError('all invocation counters of this key are used up: it needs a new one');
    this.#next += 1;
    if (number >= this.#reserved) {
      // No number is used before it is durable that it may be.
      this.#reserved = number + RESERVED;
      await this.#state?.put(`${this.#name}/sent`, String(this.#reserved));
    }
    return number;
  }

  admit(counter: number): boolean {
    if (counter <= this.#heard) return false;
    this.#heard = counter;
    const now = this.#now();
    if (now - this.#rememberedAt >= REMEMBERED_EVERY) {
      this.#rememberedAt = now;
      // That it could not be kept is told by whoever owns the store; the telegram is good.
      this.#state?.put(`${this.#name}/heard`, String(counter + 1)).catch(() => undefined);
    }
    return true;
  }

  /** The least number that may be used, where more is known than was kept: from the meter itself. */
  startAt(number: number): void {
    this.#next = Math.max(this.#next, number);
  }

  /** Whether anything was ever sent with this key. */
  get isNew(): boolean {
    return this.#next === 0;
  }

  #recall(what: 'sent' | 'heard'): number {
    return Number(this.#state?.get(`${this.#name}/${what}`) ?? 0);
  }
}

/** Tells keys apart without telling anything of them. */
function fingerprint({ encryption }: Keys): string {
  return createHash('sha256').update('weir dlms').update(encryption).digest('hex').slice(0, 16);
}
