import { expect } from 'vitest';
import type { CentreReport } from '../../src/centre/report.ts';
import { isoTime } from '../../src/model/clock.ts';
import type { Daemon } from './daemon.ts';
import { journalContents } from './journal-contents.ts';
import type { Witness } from './witness.ts';

/** Resolves with the report of the centre once it has everything up to `last`; rejects after `patience` milliseconds. */
export function untilDelivered({ centre }: Witness, last: number, patience: number): Promise<CentreReport> {
  return centre.until(
    ({ gateways: [gateway] }) => gateway !== undefined && gateway.upto >= last && gateway.missing === 0,
    AbortSignal.timeout(patience),
  );
}

/** Expects a report in which nothing is missing, from the very first reading on, and nothing was given up. */
export function expectComplete(report: CentreReport): void {
  expect(report).toMatchObject({ complete: true, missing: 0, conflicting: 0, rejected: { count: 0 } });
  expect(report.gateways).toHaveLength(1);
  expect(report.gateways[0]).toMatchObject({ from: 0, coverage: 'contiguous', gaps: [] });
}

/** Expects that what the journal of a stopped daemon holds up to `last` is what the centre has, to the last digit. */
export async function expectAsCommitted({ readings }: Witness, { journal }: Daemon, last: number): Promise<void> {
  const committed = (await journalContents(journal)).filter(({ seq }) => seq <= last);
  expect(committed).toHaveLength(last);
  const delivered = committed.map(({ seq }) => {
    const reading = readings.get(seq);
    return reading === undefined
      ? seq
      : { seq, point: reading.point, time: isoTime(reading.time), value: reading.value, quality: reading.quality };
  });
  expect(delivered).toEqual(committed);
}
