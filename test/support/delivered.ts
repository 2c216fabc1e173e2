import { expect } from 'vitest';
import type { Centre } from '../../src/centre/centre.ts';
import type { Entry } from '../../src/centre/ledger.ts';
import type { ReceivedReading } from '../../src/centre/message.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { isoTime } from '../../src/model/clock.ts';
import type { Daemon } from './daemon.ts';
import { contentsOf, journalContents, type Committed } from './journal-contents.ts';

/** What the ledger of `weir centre` says, and the readings that it was told of, by sequence, as they first arrived. */
export interface Books {
  report(): CentreReport;
  readonly readings: ReadonlyMap<number, ReceivedReading>;
}

/** What a gateway has announced as lost. */
type Lost = { readonly after: number; readonly upto: number; readonly count: number; readonly reason: string };

/** Takes the readings of an entry of the ledger into `readings`, where they are not yet. */
export function keepFirst(readings: Map<number, ReceivedReading>, entry: Entry): void {
  if (entry.kind !== 'data') return;
  for (const reading of entry.message.readings) if (!readings.has(reading.seq)) readings.set(reading.seq, reading);
}

/** Resolves with the report of the centre once it has everything up to `last`; rejects after `patience` milliseconds. */
export function untilDelivered(
  { centre }: { readonly centre: Pick<Centre, 'until'> },
  last: number,
  patience: number,
): Promise<CentreReport> {
  return centre.until(
    ({ gateways: [gateway] }) => gateway !== undefined && gateway.upto >= last && gateway.missing === 0,
    AbortSignal.timeout(patience),
  );
}

/** Expects a report in which nothing is missing, from the very first reading on, and nothing was given up. */
export function expectComplete(report: CentreReport): void {
  expectWhole(report, []);
}

/**
 * Expects that delivered and announced as lost together are what `journal` has committed, which still holds all of it:
 * without a hole, nothing twice with another content, and each reading to the last digit.
 */
export async function expectLedger(books: Books, journal: Journal, lost: readonly Lost[] = []): Promise<void> {
  const report = books.report();
  expectWhole(report, lost);
  expect(report.gateways[0]?.upto).toBe(journal.last);
  const committed = await contentsOf(journal);
  expect(committed).toHaveLength(journal.last);
  const delivered = committed.filter(({ seq }) => !lost.some(({ after, upto }) => seq > after && seq <= upto));
  expect([report.received, books.readings.size]).toEqual([delivered.length, delivered.length]);
  expectSame(books, delivered);
}

/** Expects that what the journal of a stopped daemon holds up to `last` is what the centre has, to the last digit. */
export async function expectAsCommitted(
  books: Pick<Books, 'readings'>,
  { journal }: Pick<Daemon, 'journal'>,
  last: number,
) {
  const committed = (await journalContents(journal)).filter(({ seq }) => seq <= last);
  expect(committed).toHaveLength(last);
  expectSame(books, committed);
}

function expectWhole(report: CentreReport, lost: readonly Lost[]): void {
  expect(report).toMatchObject({ complete: true, missing: 0, conflicting: 0, rejected: { count: 0 } });
  expect(report.gateways).toHaveLength(1);
  expect(report.gateways[0]).toMatchObject({ from: 0, coverage: 'contiguous', unverified: 0 });
  const gaps = report.gateways[0]?.gaps ?? [];
  expect(gaps.map(({ after, upto, count, reason }) => ({ after, upto, count, reason }))).toEqual(lost);
}

function expectSame({ readings }: Pick<Books, 'readings'>, committed: readonly Committed[]): void {
  const delivered = committed.map(({ seq }) => {
    const reading = readings.get(seq);
    return reading === undefined
      ? seq
      : { seq, point: reading.point, time: isoTime(reading.time), value: reading.value, quality: reading.quality };
  });
  expect(delivered).toEqual(committed);
}
