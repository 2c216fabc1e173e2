import type { CentreReport } from '../../centre/report.ts';

/** What a demonstration ends with; `--json` prints exactly this as its last line. */
export type Proof = {
  /** Readings that the gateway's journal holds. */
  readonly committed: number;
  /** Distinct readings that the centre received. */
  readonly received: number;
  readonly missing: number;
  readonly repeats: number;
  /** Readings announced as lost. */
  readonly gaps: number;
  readonly coverage: 'contiguous' | 'holes' | 'nothing';
  readonly outageSeconds: number;
  /** Most readings that waited for the broker. */
  readonly backlogPeak: number;
  readonly seconds: number;
  readonly readingsPerSecond: number;
  /** From a reading's time to its arrival, in the live lane. */
  readonly liveLatencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly rssMiB: number;
};

export type Observed = {
  readonly committed: number;
  readonly report: CentreReport;
  readonly outageSeconds: number;
  readonly backlogPeak: number;
  readonly seconds: number;
  readonly rssMiB: number;
};

const NOTHING = {
  received: 0,
  missing: 0,
  gapReadings: 0,
  coverage: 'nothing',
  delayMs: { live: { p50: null, p99: null } },
} as const;

/** Holds what the centre received against what the journal committed. */
export function prove({ committed, report, ...observed }: Observed): Proof {
  const { received, missing, gapReadings, coverage, delayMs } = report.gateways[0] ?? NOTHING;
  return {
    committed,
    received,
    // Holes inside the coverage, and whatever the coverage does not reach.
    missing: Math.max(missing, committed - received - gapReadings),
    repeats: report.repeats,
    gaps: gapReadings,
    coverage,
    ...observed,
    seconds: Math.round(observed.seconds),
    readingsPerSecond: Math.round(committed / observed.seconds),
    liveLatencyMs: delayMs.live,
    rssMiB: Math.round(observed.rssMiB),
  };
}

/** Whether it is one: everything committed arrived, nothing contradicts, and there was something to prove. */
export function holds(proof: Proof, report: CentreReport): boolean {
  return proof.committed > 0 && proof.missing === 0 && proof.coverage === 'contiguous' && report.conflicting === 0;
}
