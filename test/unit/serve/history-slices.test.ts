import { describe, expect, test } from 'vitest';
import type { HistoricReading } from '../../../src/journal/journal.ts';
import { toldTime } from '../../../src/model/told-time.ts';
import { decodeContinuation, encodeContinuation } from '../../../src/serve/opcua/history-point.ts';
import { freshRequest, historyInOrder, type AskHistory } from '../../../src/serve/opcua/history-slices.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const NOON = 1_900_000_000_000; // wall milliseconds
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function reading(sequence: number, receivedTime: number, kept?: number): HistoricReading {
  const content = { sequence, point: 1, receivedTime, quality: 'good', value: sequence } as const;
  return kept === undefined ? { ...content, sourceTime: null } : { ...content, sourceTime: kept, reason: 'historical' };
}

/** A journal with these readings in this order, that is asked for a page at a time; `work`: what a page costs. */
function journalOf(stored: readonly HistoricReading[], work: () => void = () => undefined): AskHistory {
  return ({ from, to, most, at = 0 }) => {
    work();
    const behind = stored.filter((each) => each.sequence >= at && toldTime(each) >= from && toldTime(each) <= to);
    return Promise.resolve({ readings: behind.slice(0, most), next: behind[most]?.sequence });
  };
}

type Asked = { readonly begin: number; readonly until: number; readonly newestFirst: boolean; readonly most: number };

/** The sequences of all answers, each going on from the continuation point of the one before. */
async function answers(ask: AskHistory, { begin, ...asked }: Asked, clock = new FakeClock()): Promise<number[][]> {
  const pages: number[][] = [];
  let request = freshRequest(begin, asked);
  for (;;) {
    const { readings, next } = await historyInOrder(ask, request, clock);
    pages.push(readings.map(({ sequence }) => sequence));
    if (next === undefined) return pages;
    request = decodeContinuation(encodeContinuation(next)) ?? expect.fail('no continuation point of ours');
  }
}

function inOrder(stored: readonly HistoricReading[], { begin, until, newestFirst }: Omit<Asked, 'most'>): number[] {
  const [from, to] = newestFirst ? [until, begin] : [begin, until];
  const ascending = stored
    .filter((each) => toldTime(each) >= from && toldTime(each) <= to)
    .toSorted((one, other) => toldTime(one) - toldTime(other) || one.sequence - other.sequence)
    .map(({ sequence }) => sequence);
  return newestFirst ? ascending.toReversed() : ascending;
}

/** Hours of one reading a minute; a clock that stepped back; and what a device had kept for days, in two pieces. */
const mixed: readonly HistoricReading[] = [
  ...Array.from({ length: 300 }, (_, index) => NOON + index * 60_000),
  ...Array.from({ length: 300 }, (_, index) => NOON + 2 * HOUR + index * 60_000),
]
  .map((received): [number, number?] => [received])
  .concat(
    Array.from({ length: 200 }, (_, index): [number, number] => [NOON + 7 * HOUR, NOON - 9 * DAY + index * HOUR]),
    Array.from({ length: 50 }, (): [number, number] => [NOON + 8 * HOUR, NOON]),
  )
  .map(([received, kept], index) => reading(index + 1, received, kept));

const forward = { begin: NOON - 30 * DAY, until: NOON + DAY, newestFirst: false };
const backward = { begin: NOON + DAY, until: NOON - 30 * DAY, newestFirst: true };

describe.each([
  ['oldest first', forward],
  ['newest first', backward],
  ['oldest first without an end', { ...forward, until: Infinity }],
  ['newest first without an end', { ...backward, until: -Infinity }],
  ['between two times that are there, both included', { ...forward, begin: NOON, until: NOON + HOUR }],
])('%s', (_, span) => {
  test.each([1, 7, 50, 2_000])('%i at once, all answers together are in the order of time', async (most) => {
    const pages = await answers(journalOf(mixed), { ...span, most });
    expect(pages.flat()).toEqual(inOrder(mixed, span));
    expect(pages.every((page) => page.length <= most)).toBe(true);
  });
});

test('a slice with far too many is made narrower, and of one instant with as many none is left out', async () => {
  const random = randomNumbers(3);
  const dense = Array.from({ length: 22_000 }, (_, index) =>
    reading(index + 1, NOON + (index % 2 === 0 ? 0 : Math.floor(random.float64() * HOUR))),
  );
  const span = { begin: NOON - HOUR, until: NOON + DAY, newestFirst: false };
  const pages = await answers(journalOf(dense), { ...span, most: 2_000 });
  expect(pages.flat()).toEqual(inOrder(dense, span));
});

test('whoever searches for longer than two seconds gets what there is, and goes on where that ended', async () => {
  const clock = new FakeClock();
  const few = [reading(1, NOON), reading(2, NOON + 10 * DAY), reading(3, NOON + 5 * DAY)];
  const ask: AskHistory = async (asked) => {
    await clock.advance(700);
    return journalOf(few)(asked);
  };
  const pages = await answers(ask, { begin: NOON, until: NOON + 20 * DAY, newestFirst: false, most: 10 }, clock);
  expect(pages.flat()).toEqual([1, 3, 2]);
  expect(pages.length).toBeGreaterThan(10);
});
