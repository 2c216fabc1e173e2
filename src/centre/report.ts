import { isoTime } from '../model/clock.ts';
import { countRanges, holes, type Range, type Ranges } from '../model/ranges.ts';
import type { Account } from './account.ts';
import type { Delays } from './delays.ts';
import type { Conflict, Gap, Lane } from './message.ts';

/** The holes that a report lists; all are counted. */
const HOLES_LISTED = 100;

type Percentiles = { readonly p50: number | null; readonly p99: number | null };

/** What a centre can say of one gateway and epoch; times are ISO 8601 UTC. Counts of arrivals are of this run. */
export type GatewayReport = {
  readonly gateway: string;
  readonly epoch: string;
  readonly status: 'online' | 'offline' | 'unknown';
  /** Points in its catalogue; null before that arrived. */
  readonly points: number | null;
  /** The newest entry of its audit log that it told of: `weir audit verify --head` proves that nothing before it changed. */
  readonly audit: { readonly number: number; readonly hash: string } | null;
  /** `contiguous`: every sequence with from < sequence ≤ upto was delivered or announced as lost. */
  readonly coverage: 'contiguous' | 'holes';
  readonly from: number;
  readonly upto: number;
  /** Sequences in all holes; the first hundred holes. */
  readonly missing: number;
  readonly holes: Ranges;
  /** Distinct readings. */
  readonly received: number;
  readonly repeats: number;
  /** Of the distinct readings, those that arrived because they were asked for once more. */
  readonly repaired: number;
  /** Readings whose time the gateway has corrected, once it knew it. */
  readonly corrected: number;
  /** Repeats whose first delivery is forgotten, so that they could not be compared with it. */
  readonly unverified: number;
  /** Sequences whose repeat differs from the first delivery. */
  readonly conflicting: number;
  readonly gaps: readonly ReportedGap[];
  readonly gapReadings: number;
  /** Readings per second, over the last ten seconds. */
  readonly rate: number;
  /** Milliseconds from a reading's time to its arrival. */
  readonly delayMs: Readonly<Record<Lane, Percentiles>>;
  /** Readings by what the gateway knew of the time. */
  readonly clock: Readonly<Record<string, number>>;
  readonly firstArrival: string | null;
  readonly lastArrival: string | null;
};

/** What a gateway announced as lost; its readings were taken from `from` to `to`. */
export type ReportedGap = Range & {
  readonly count: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
};

export type CentreReport = {
  readonly time: string;
  /** Something arrived, nothing is missing, nothing contradicts, no message was rejected. */
  readonly complete: boolean;
  readonly received: number;
  readonly missing: number;
  readonly repeats: number;
  readonly conflicting: number;
  readonly rejected: { readonly count: number; readonly reasons: Readonly<Record<string, number>> };
  /** The first hundred. */
  readonly conflicts: readonly Conflict[];
  readonly gateways: readonly GatewayReport[];
  /** Gateways that delivered nothing, but say that they exist. */
  readonly silent: readonly (Presence & { readonly gateway: string })[];
};

/** What is known of a gateway besides its readings. */
export type Presence = Pick<GatewayReport, 'status' | 'points' | 'audit'>;

function percentiles(delays: Delays): Percentiles {
  return { p50: delays.percentile(0.5), p99: delays.percentile(0.99) };
}

export function reportedGap({ covers, count, from, to, reason }: Gap): ReportedGap {
  return { ...covers, count, from: isoOrNull(from), to: isoOrNull(to), reason };
}

export function isoOrNull(wall: number | null | undefined): string | null {
  return wall === null || wall === undefined ? null : isoTime(wall);
}

/** The window that must be covered: up to the newest, from the first that is known or, `fromStart`, from the very first. */
export function coverage(
  covered: Ranges,
  fromStart: boolean,
): Pick<GatewayReport, 'coverage' | 'from' | 'upto' | 'missing' | 'holes'> {
  const window = { after: fromStart ? 0 : (covered[0]?.after ?? 0), upto: covered.at(-1)?.upto ?? 0 };
  const missing = countRanges([window]) - countRanges(covered);
  // Only as many ranges as the listed holes lie between: there may be thousands.
  const listed = covered.slice(0, HOLES_LISTED + 1);
  return {
    coverage: missing === 0 ? 'contiguous' : 'holes',
    from: window.after,
    upto: window.upto,
    missing,
    holes: holes(listed, { after: window.after, upto: listed.at(-1)?.upto ?? window.upto }).slice(0, HOLES_LISTED),
  };
}

/** One gateway's page of the report at `now`, wall milliseconds. */
export function gatewayReport(
  account: Account,
  presence: Presence,
  { now, fromStart }: { now: number; fromStart: boolean },
): GatewayReport {
  return {
    ...account.identity,
    ...presence,
    ...coverage(account.covered, fromStart),
    received: account.received,
    repeats: account.repeats,
    repaired: account.repaired,
    corrected: account.corrected,
    unverified: account.unverified,
    conflicting: account.conflicting,
    gaps: account.gaps.map(reportedGap),
    gapReadings: account.gaps.reduce((sum, gap) => sum + gap.count, 0),
    rate: account.rate.perSecond(now),
    delayMs: { live: percentiles(account.delays.live), backlog: percentiles(account.delays.backlog) },
    clock: Object.fromEntries(account.clocks),
    firstArrival: isoOrNull(account.arrivals?.first),
    lastArrival: isoOrNull(account.arrivals?.last),
  };
}
