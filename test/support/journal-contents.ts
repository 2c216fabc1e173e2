import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open.ts';
import { isoTime, systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import { decodedReadings } from './decoded-readings.ts';

/** One reading of a journal, with what its identity must always carry. */
export type Committed = Pick<Reading, 'value' | 'quality'> & {
  readonly seq: number;
  readonly point: string;
  readonly time: string;
};

/** Everything a stopped daemon's journal holds, in sequence order. */
export async function journalContents(path: string, gateway = 'test'): Promise<readonly Committed[]> {
  const keep = { size: 2 ** 40, age: 1e12 };
  await using journal = await openJournal({
    path,
    gateway,
    keep,
    trusted: false,
    clock: systemClock,
    report: () => undefined,
  });
  return await contentsOf(journal);
}

/** Everything that a journal holds, in sequence order. */
export async function contentsOf(journal: Journal): Promise<readonly Committed[]> {
  const contents: Committed[] = [];
  for (let after = 0; after < journal.last;) {
    const { range, batches } = await journal.read({ after, upto: journal.last }, { readings: 10_000, bytes: 2 ** 22 });
    for (const { first, anchor, body } of batches) {
      const offset = journal.anchors.get(anchor)?.offset ?? Number.NaN;
      contents.push(
        ...decodedReadings(body).map(({ point, value, quality, receivedTime }, index) => ({
          seq: first + index,
          point: journal.points.get(point)?.id ?? `unknown ${point}`,
          time: isoTime(receivedTime + offset),
          value,
          quality,
        })),
      );
    }
    after = range.upto;
  }
  return contents;
}
