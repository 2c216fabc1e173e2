import { isoTime } from '../../model/clock.ts';
import { addRange, type Range } from '../../model/ranges.ts';
import { coverage, isoOrNull, reportedGap, type GatewayReport } from '../report.ts';
import type { StoredAccount, StoredLedger } from './store.ts';

/** Missing sequences, with the times of the readings next to them: when it was that they were taken. */
type StoredHole = Range & { readonly from: string | null; readonly to: string | null };

/** What a store can prove of one gateway and epoch; times are ISO 8601 UTC. */
export type StoredGateway = Pick<
  GatewayReport,
  'gateway' | 'epoch' | 'coverage' | 'from' | 'upto' | 'missing' | 'received' | 'conflicting' | 'gaps' | 'gapReadings'
> & {
  /** Times of the oldest and of the newest reading. */
  readonly oldest: string | null;
  readonly newest: string | null;
  /** The first hundred. */
  readonly holes: readonly StoredHole[];
};

export type StoreReport = {
  readonly time: string;
  /** Something is there, nothing is missing, and no repeat contradicts what is there. */
  readonly complete: boolean;
  readonly received: number;
  readonly missing: number;
  readonly conflicting: number;
  readonly gateways: readonly StoredGateway[];
};

export type StoreQuestion = {
  /** Of this gateway only; absent means all. */
  readonly gateway?: string | undefined;
  /** Whether what came before the first that is there is missing too. */
  readonly fromStart: boolean;
  /** Wall milliseconds. */
  readonly now: number;
};

/** What all centres on this store received together. */
export async function storeReport(
  ledger: StoredLedger,
  { gateway, fromStart, now }: StoreQuestion,
): Promise<StoreReport> {
  const accounts = (await ledger.accounts()).filter((account) => gateway === undefined || account.gateway === gateway);
  const gateways: StoredGateway[] = [];
  for (const account of accounts) gateways.push(await storedGateway(ledger, account, fromStart));
  const sum = (key: 'received' | 'missing' | 'conflicting'): number =>
    gateways.reduce((total, each) => total + each[key], 0);
  return {
    time: isoTime(now),
    complete: gateways.length > 0 && sum('missing') === 0 && sum('conflicting') === 0,
    received: sum('received'),
    missing: sum('missing'),
    conflicting: sum('conflicting'),
    gateways,
  };
}

async function storedGateway(ledger: StoredLedger, account: StoredAccount, fromStart: boolean): Promise<StoredGateway> {
  const { delivered, gaps, span, corrections: _corrections, ...known } = account;
  const covered = gaps.map((gap) => gap.covers).reduce(addRange, delivered);
  const { holes, ...proven } = coverage(covered, fromStart);
  const placed: StoredHole[] = [];
  for (const hole of holes) {
    const { before, behind } = await ledger.neighbours(account, hole);
    placed.push({ ...hole, from: isoOrNull(before), to: isoOrNull(behind) });
  }
  return {
    ...known,
    ...proven,
    oldest: isoOrNull(span?.oldest),
    newest: isoOrNull(span?.newest),
    holes: placed,
    gaps: gaps.map(reportedGap),
    gapReadings: gaps.reduce((total, gap) => total + gap.count, 0),
  };
}
