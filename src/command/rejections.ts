import { isoTime, type Clock } from '../model/clock.ts';
import type { RejectReason } from '../model/command.ts';
import type { Audit } from '../ops/audit/log.ts';
import type { Report } from '../ops/events.ts';

const MINUTE = 60_000; // milliseconds
const TOLD_A_MINUTE = 10;

export type Rejection = {
  readonly destination: string;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly id: string | null;
  readonly target: string | null;
};

type Tally = { told: number; untold: number; first: string; last: string };

/**
 * Every rejected command is answered for: the first of a kind each with an entry of its own; of a flood the rest is
 * counted, and the count is an entry once the minute is over. So a flood costs the disk and the log next to nothing.
 */
export class Rejections {
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #report: Report;
  /** Of this minute, by destination and reason. */
  readonly #tallies = new Map<string, Tally & Pick<Rejection, 'destination' | 'reason'>>();
  readonly #counts = new Map<RejectReason, number>();
  #cancel: (() => void) | undefined;

  constructor({ clock, audit, report }: { readonly clock: Clock; readonly audit: Audit; readonly report: Report }) {
    this.#clock = clock;
    this.#audit = audit;
    this.#report = report;
  }

  /** Since the start, by reason. */
  get counts(): Readonly<Partial<Record<RejectReason, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** Notes one; answers whether it has an entry of its own, so that its sender is told too. */
  add(rejection: Rejection): boolean {
    const { destination, reason } = rejection;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const now = isoTime(this.#clock.wall());
    const key = `${destination} ${reason}`;
    const tally = this.#tallies.get(key) ?? { destination, reason, told: 0, untold: 0, first: now, last: now };
    this.#tallies.set(key, tally);
    this.#cancel ??= this.#clock.after(MINUTE, () => this.flush());
    if (tally.told >= TOLD_A_MINUTE) {
      if (tally.untold === 0) tally.first = now;
      tally.untold += 1;
      tally.last = now;
      return false;
    }
    tally.told += 1;
    this.#audit.note('command-rejected', rejection);
    this.#report('command-rejected', { ...rejection, id: rejection.id ?? '', target: rejection.target ?? '' });
    return true;
  }

  /** Writes down what was only counted; the next minute begins. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const { destination, reason, untold, first, last } of this.#tallies.values()) {
      if (untold === 0) continue;
      const summary = { destination, reason, count: untold, from: first, to: last };
      this.#audit.note('commands-rejected', summary);
      this.#report('commands-rejected', summary);
    }
    this.#tallies.clear();
  }
}
