import { createHash } from 'node:crypto';
import { GatewayError } from '../../src/model/errors.ts';
import type { StateStore } from '../../src/model/state-store.ts';

// So many numbers are set aside at once: one write to the disk for all of them.
const RESERVED = 1_000;

// Milliseconds. What was heard is remembered this often, so that a memory card lives, and at the end of a session: after
// a power cut no more than this can be played to us again.
const REMEMBERED_EVERY = 60_000;

const HIGHEST = 0xffff_ffff;

/** Whose counters they are: `device` for what it sends, our system title for what we send to whomever. */
type Owner = { readonly protocol: 'dlms' | 'p1'; readonly device: string; readonly title?: string | undefined };

/** The invocation counters of one AES-GCM key, kept over restarts. A new key begins anew by itself: its name is another. */
export class KeptCounters {
  readonly #state: StateStore | undefined;
  readonly #owner: Owner;
  readonly #key: string;
  readonly #now: () => number;
  #next = 0;
  #reserved = 0;
  #heard: number;
  #rememberedAt = Number.NEGATIVE_INFINITY;

  /** `now` is monotonic milliseconds. */
  constructor(state: StateStore | undefined, owner: Owner, key: Buffer, now: () => number) {
    this.#state = state;
    this.#owner = owner;
    this.#key = fingerprint(key);
    this.#now = now;
    this.#heard = this.#recall(this.#heardName) - 1;
  }

  /** The next one for what we send; durable, so that no restart can give it out again. */
  async next(): Promise<number> {
    if (this.#next >= this.#reserved) await this.#reserve();
    const number = this.#next;
    if (number > HIGHEST) throw this.#refused('all invocation counters of its key are used up: it needs a new key');
    this.#next += 1;
    return number;
  }

  /** No number is used before it is durable that it was; meters that share a key share the numbers. */
  async #reserve(): Promise<void> {
    if (this.#state === undefined) {
      throw this.#refused('invocation counters are kept by the gateway alone: start it, and ask through it');
    }
    this.#next = Math.max(this.#next, this.#recall(this.#sentName));
    this.#reserved = this.#next + RESERVED;
    await this.#state.put(this.#sentName, String(this.#reserved));
  }

  /** Whether a number of the other side is higher than all before; remembers it. */
  admit(counter: number): boolean {
    if (counter <= this.#heard) return false;
    this.#heard = counter;
    const now = this.#now();
    if (now - this.#rememberedAt >= REMEMBERED_EVERY) {
      this.#rememberedAt = now;
      void this.keep();
    }
    return true;
  }

  /** Remembers what was heard last, to be called when nothing will be heard any more. */
  async keep(): Promise<void> {
    // That it could not be kept is told by whoever owns the store; what was heard is good.
    if (this.#heard >= 0) await this.#state?.put(this.#heardName, String(this.#heard + 1)).catch(() => undefined);
  }

  get #sentName(): string {
    return `${this.#owner.protocol}/sent/${this.#key}/${this.#owner.title ?? ''}`;
  }

  get #heardName(): string {
    return `${this.#owner.protocol}/heard/${this.#key}/${this.#owner.device}`;
  }

  #recall(name: string): number {
    return Number(this.#state?.get(name) ?? 0);
  }

  #refused(why: string): GatewayError {
    return new GatewayError('usage', `${this.#owner.device}: ${why}`);
  }
}

/** Tells keys apart without telling anything of them. */
function fingerprint(key: Buffer): string {
  return createHash('sha256').update('weir dlms').update(key).digest('hex').slice(0, 16);
}
