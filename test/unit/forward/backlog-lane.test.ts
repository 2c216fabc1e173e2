import { describe, expect, test } from 'vitest';
import { BacklogLane } from '../../../src/forward/backlog-lane.ts';
import { Composer, type Draft } from '../../../src/forward/composer.ts';
import { createJsonEncoder } from '../../../src/forward/formats/json-encoder.ts';
import type { LaneContext } from '../../../src/forward/lane.ts';
import { Window, type Pass } from '../../../src/forward/window.ts';
import { createEncoder } from '../../../src/journal/encode.ts';
import type { CommittedBatch, Journal } from '../../../src/journal/journal.ts';
import type { Range } from '../../../src/model/ranges.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { identity, knownPoint } from '../../support/formats.ts';

const limits = () => ({ readings: 1000, bytes: 1_000_000 });

function encoderOfPower() {
  return createJsonEncoder(identity, 'backlog', () => knownPoint('meter/power', 1));
}

/** A thousand readings at most, whatever is asked for. */
function readAnything({ after, upto }: Range): Promise<{ range: Range; batches: readonly CommittedBatch[] }> {
  const encoder = createEncoder();
  const count = Math.min(1000, upto - after);
  for (let index = 0; index < count; index += 1) {
    encoder.add({ point: 1, value: index, quality: 'good', sourceTime: null, receivedTime: 0 });
  }
  const batch = { class: 'normal', count, anchor: 1, from: 0, to: 0, body: encoder.seal(), first: after + 1 } as const;
  return Promise.resolve({ range: { after, upto: after + count }, batches: [batch] });
}

function endlessJournal(read: Journal['read'] = readAnything): Journal {
  const anchors = new Map([[1, { number: 1, boot: 1, offset: 0, state: 'synchronised' }]]);
  return { last: 0, points: new Map(), anchors, read } as unknown as Journal;
}

/** The backlog lane on such a journal; the test lets one message out after the other. */
class Bench {
  readonly #clock = new FakeClock();
  readonly #sent: { readonly draft: Draft; readonly pass: Pass }[] = [];
  readonly lane: BacklogLane;
  readonly ended: Promise<never>;

  constructor({ read, lossesTold = () => Promise.resolve() }: Partial<Pick<LaneContext, 'lossesTold'> & Journal> = {}) {
    const journal = endlessJournal(read);
    this.lane = new BacklogLane(
      {
        clock: this.#clock,
        window: new Window(1, this.#clock),
        composer: new Composer({ lane: 'backlog', journal, clock: this.#clock, createEncoder: encoderOfPower }),
        limits,
        lossesTold,
        send: (draft, pass) => void this.#sent.push({ draft, pass }),
        open: () => Promise.resolve(),
        isHeld: () => false,
      },
      { journal, order: 'oldest-first', progress: { repeats: [] } },
    );
    this.ended = this.lane.run();
    this.ended.catch(() => undefined);
  }

  /** The range of the next message, which is acknowledged when the one after it is asked for. */
  async next(): Promise<Range | undefined> {
    const count = this.#sent.length;
    this.#sent.at(-1)?.pass.acknowledged();
    for (let turn = 0; turn < 20 && this.#sent.length === count; turn += 1) await this.#clock.advance(0);
    return this.#sent.length === count ? undefined : this.#sent.at(-1)?.draft.covers;
  }
}

test('what the live lane left behind in a bad moment goes before an old backlog, which then goes on', async () => {
  const bench = new Bench();
  const { lane } = bench;
  lane.add({ after: 0, upto: 3000 });
  expect(await bench.next()).toEqual({ after: 0, upto: 1000 });
  lane.addRecent({ after: 9000, upto: 9100 });
  expect(lane.waiting).toBe(2100);
  const rest = [await bench.next(), await bench.next(), await bench.next(), await bench.next()];
  expect(rest).toContainEqual({ after: 9000, upto: 9100 });
  expect(rest.findIndex((range) => range?.after === 9000)).toBeLessThan(2); // one may have been composed already
  expect(rest.filter((range) => range !== undefined)).toHaveLength(3);
  expect(lane.waiting).toBe(0);
});

test('when that becomes much it is backlog like all else, oldest first', async () => {
  const bench = new Bench();
  const { lane } = bench;
  lane.add({ after: 0, upto: 2000 });
  expect(await bench.next()).toEqual({ after: 0, upto: 1000 });
  lane.addRecent({ after: 9000, upto: 10_500 });
  lane.addRecent({ after: 10_500, upto: 11_500 });
  expect([await bench.next(), await bench.next(), await bench.next(), await bench.next()]).toEqual([
    { after: 1000, upto: 2000 },
    { after: 9000, upto: 10_000 },
    { after: 10_000, upto: 11_000 },
    { after: 11_000, upto: 11_500 },
  ]);
});

/** Those from 1001 to 2000 are gone. */
const withHole: Journal['read'] = ({ after, upto }) =>
  after === 1000 ? readAnything({ after: 2000, upto }) : readAnything({ after, upto });

/** Nothing is left behind the first thousand. */
const withoutEnd: Journal['read'] = ({ after, upto }) =>
  after === 0 ? readAnything({ after, upto: 1000 }) : Promise.resolve({ range: { after, upto }, batches: [] });

describe('what retention has taken', () => {
  test.each([
    ['before what follows it', withHole, 3000],
    ['at the end of a range', withoutEnd, 1500],
  ])('%s is covered only once the destination has been told of it', async (_, read, upto) => {
    const told = Promise.withResolvers<void>();
    const bench = new Bench({ read, lossesTold: () => told.promise });
    bench.lane.add({ after: 0, upto });
    expect(await bench.next()).toEqual({ after: 0, upto: 1000 });
    expect(await bench.next()).toBeUndefined();
    told.resolve();
    expect(await bench.next()).toEqual({ after: 1000, upto });
  });

  test('ends the lane where the destination cannot be told', async () => {
    const bench = new Bench({ read: withHole, lossesTold: () => Promise.reject(new Error('over')) });
    bench.lane.add({ after: 1000, upto: 3000 });
    await expect(bench.ended).rejects.toThrow('over');
  });
});
