import { isoTime, type Clock } from '../model/clock.ts';
import type { EndingCertificate } from '../model/status.ts';
import type { Report } from './events.ts';

const DAY = 86_400_000; // milliseconds

/** Days before the end at which somebody is told, once each. */
const WARNINGS = [30, 7, 1] as const;

/** A certificate that something depends on. */
export type Dependence = {
  /** `our certificate`. */
  readonly whose: string;
  /** When it ends, milliseconds since 1970; NaN where that cannot be read. */
  readonly until: number;
  /** What is to be done before. */
  readonly todo: string;
};

/** The certificates of one part of the gateway: tells of those that come to their end, each at 30, 7 and 1 days. */
export class Expiries {
  readonly #of: string;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #told = new Set<string>();
  #known: readonly Dependence[] = [];

  /** `of`: the part, as an operator calls it: `destination city`. */
  constructor(of: string, { clock, report }: { readonly clock: Clock; readonly report: Report }) {
    this.#of = of;
    this.#clock = clock;
    this.#report = report;
  }

  /** These are the certificates now; outlives their connections, so that nothing is told twice. */
  look(certificates: readonly Dependence[]): void {
    this.#known = certificates;
    for (const { whose, until, todo } of certificates) {
      const days = this.#daysTo(until);
      const limit = WARNINGS.findLast((each) => days <= each);
      const told = `${whose} ${until} ${limit}`;
      if (limit === undefined || this.#told.has(told)) continue;
      this.#told.add(told);
      this.#report('certificate-expiring', { of: this.#of, whose, days, until: isoTime(until), todo });
    }
  }

  /** Those that end within 30 days. */
  ending(): readonly EndingCertificate[] {
    const [first] = WARNINGS;
    return this.#known
      .map(({ whose, until }) => ({ of: this.#of, whose, until, days: this.#daysTo(until) }))
      .filter(({ days }) => days <= first)
      .map((each) => ({ ...each, until: isoTime(each.until) }));
  }

  /** 0: it has ended. */
  #daysTo(until: number): number {
    return Math.max(0, Math.ceil((until - this.#clock.wall()) / DAY));
  }
}
