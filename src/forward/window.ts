import type { Clock } from '../model/clock.ts';
import { Pace } from './pace.ts';

export type Lane = 'live' | 'backlog';

/** Who goes first: what the gateway says of itself and repairs, what is read now, what was left behind. */
const ranks = { control: 0, live: 1, backlog: 2 } as const satisfies Record<Lane | 'control', number>;
export type Priority = keyof typeof ranks;

// The backlog never takes the last slots, so that a live message does not wait for one to come free.
const BACKLOG_SHARE = 0.75;

const MESSAGES_PER_ALLOWANCE = 4; // a message so small that others fit beside it
const LARGEST_MESSAGE = 256 * 1024;
const SMALLEST_MESSAGE = 1024; // smaller ones are mostly envelope

/** Leave to send one message; it occupies its slot until `acknowledged` or `abandon`. */
export interface Pass {
  /** Bytes that the message should not exceed. */
  readonly bytes: number;
  /** Notes how large the message became, as it leaves. */
  sent(bytes: number): void;
  /** Frees the slot; returns the milliseconds since `sent`. */
  acknowledged(): number;
  /** Frees the slot of a message that was not sent, or was refused. */
  abandon(): void;
}

type Waiter = { readonly priority: Priority; readonly admit: () => void; readonly reject: (error: Error) => void };

/** The messages on their way to one destination: bounded in number and, by the pace of its answers, in bytes. */
export class Window {
  #slots: number;
  readonly #clock: Clock;
  readonly #pace = new Pace();
  #waiting: Waiter[] = [];
  #inFlight = 0;
  #bytes = 0;
  #closed: Error | undefined;

  constructor(slots: number, clock: Clock) {
    this.#slots = slots;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** From now on so many messages may be on their way. */
  widen(slots: number): void {
    this.#slots = slots;
    this.#admitWaiting();
  }

  /** Resolves when one more message may go; rejects once the window is closed. */
  async enter(priority: Priority): Promise<Pass> {
    if (this.#closed !== undefined) throw this.#closed;
    if (!this.#admits(priority) || this.#waiting.some((waiter) => ranks[waiter.priority] <= ranks[priority])) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push({ priority, admit: resolve, reject });
        this.#waiting.sort((a, b) => ranks[a.priority] - ranks[b.priority]);
      });
    } else {
      this.#inFlight += 1;
    }
    return this.#pass();
  }

  /** Ends every wait with `error`: the session is over. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#closed);
  }

  #admits(priority: Priority): boolean {
    if (this.#inFlight === 0) return true;
    const share = priority === 'backlog' ? BACKLOG_SHARE : 1;
    return this.#inFlight < Math.max(1, Math.floor(this.#slots * share)) && this.#bytes < this.#pace.allowance * share;
  }

  #admitWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#admits(next.priority); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inFlight += 1;
      next.admit();
    }
  }

  #leave(bytes: number): void {
    this.#inFlight -= 1;
    this.#bytes -= bytes;
    this.#admitWaiting();
  }

  #pass(): Pass {
    let bytes = 0;
    let sentAt = 0;
    return {
      bytes: Math.min(LARGEST_MESSAGE, Math.max(SMALLEST_MESSAGE, this.#pace.allowance / MESSAGES_PER_ALLOWANCE)),
      sent: (size) => {
        bytes = size;
        sentAt = this.#clock.monotonic();
        this.#bytes += size;
      },
      acknowledged: () => {
        const acknowledgedAt = this.#clock.monotonic();
        const filled = this.#bytes >= this.#pace.allowance / 2;
        this.#pace.acknowledged({ bytes, sentAt, acknowledgedAt, filled });
        this.#leave(bytes);
        return acknowledgedAt - sentAt;
      },
      abandon: () => this.#leave(bytes),
    };
  }
}
