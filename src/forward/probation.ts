import type { Clock } from '../model/clock.ts';

// A broker acknowledges before it has written to its disk and before it has passed on: what it acknowledged in its last
// moments dies with it. So an acknowledgement counts for ever only once the broker has been heard again that much later:
// time alone proves nothing, a connection can be dead for long before it is noticed. Where nothing is sent, the answers
// to the keep-alive are heard. A repeat is harmless, a hole is not.
export const LAST_MOMENTS = 1000; // milliseconds

/** What becomes of an acknowledgement; one of the two is called, once. */
export type Verdicts = { readonly confirm: () => void; readonly revoke: () => void };

type Held = Verdicts & { readonly at: number };

/** What one connection has acknowledged in its last moments. */
export class Probation {
  readonly #clock: Clock;
  readonly #lastMoments: number;
  /** Oldest first. */
  readonly #held: Held[] = [];
  #isOver = false;

  /** `lastMoments`: milliseconds that the connection must outlive what it took. */
  constructor(clock: Clock, lastMoments: number) {
    this.#clock = clock;
    this.#lastMoments = lastMoments;
  }

  /** Something was acknowledged just now. After the end it comes too late to count. */
  hold({ confirm, revoke }: Verdicts): void {
    if (this.#isOver) revoke();
    else this.#held.push({ confirm, revoke, at: this.#clock.monotonic() });
  }

  /** The far end gave a sign of life: it has outlived what is older than its last moments. */
  heard(): void {
    const last = this.#clock.monotonic() - this.#lastMoments;
    let outlived = 0;
    while ((this.#held[outlived]?.at ?? Infinity) <= last) outlived += 1;
    for (const { confirm } of this.#held.splice(0, outlived)) confirm();
  }

  /** The connection ended in good order. */
  passed(): void {
    this.#isOver = true;
    for (const { confirm } of this.#held.splice(0)) confirm();
  }

  /** The connection was lost. */
  failed(): void {
    this.#isOver = true;
    for (const { revoke } of this.#held.splice(0)) revoke();
  }
}
