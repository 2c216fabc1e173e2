// How many bytes may be on their way at once. Too few waste the link; too many queue up in it, and live readings wait
// behind the backlog. As in TCP the answer is found by trying: more while acknowledgements come quickly, half when late.

const FIRST = 4 * 1024; // grows to the largest within twelve round trips, and drains in half a second at 64 kbit/s
const SMALLEST = 2 * 1024;
const LARGEST = 16 * 1024 * 1024; // 64 messages of the largest size
const STEP = 16 * 1024; // a round trip at most, once the link's limit has been met
const SMALL_STEP = 1 / 8; // of what is allowed: on a slow link the step above would itself be seconds
const PATIENCE = 500; // milliseconds; live readings may wait this long behind what is on its way
const QUICKEST_FACTOR = 2; // a satellite link answers late even to the first, short message

/** One acknowledged message: bytes, and monotonic milliseconds. */
export type Acknowledged = {
  readonly bytes: number;
  readonly sentAt: number;
  readonly acknowledgedAt: number;
  /** Whether the allowance was what held back the message after it. */
  readonly filled: boolean;
};

export class Pace {
  #allowance = FIRST;
  #probing = true;
  #quickest = Infinity;
  #lastCut = -Infinity;

  /** Bytes that may be unacknowledged at once. */
  get allowance(): number {
    return this.#allowance;
  }

  acknowledged({ bytes, sentAt, acknowledgedAt, filled }: Acknowledged): void {
    const latency = acknowledgedAt - sentAt;
    this.#quickest = Math.min(this.#quickest, latency);
    if (latency > Math.max(PATIENCE, QUICKEST_FACTOR * this.#quickest)) this.#cut(sentAt, acknowledgedAt);
    else if (filled) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const growth = this.#probing ? bytes : bytes * Math.min(STEP / this.#allowance, SMALL_STEP);
    this.#allowance = Math.min(LARGEST, this.#allowance + growth);
  }

  /** Messages sent before the last cut tell nothing about it. */
  #cut(sentAt: number, now: number): void {
    if (sentAt < this.#lastCut) return;
    this.#lastCut = now;
    this.#probing = false;
    this.#allowance = Math.max(SMALLEST, this.#allowance / 2);
  }
}
