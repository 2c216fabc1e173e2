import { expect, test } from 'vitest';
import { Composer, type Draft } from '../../../src/forward/composer.ts';
import { createJsonEncoder } from '../../../src/forward/formats/json-encoder.ts';
import { LiveLane } from '../../../src/forward/live-lane.ts';
import { Window, type Pass } from '../../../src/forward/window.ts';
import { createEncoder } from '../../../src/journal/encode.ts';
import type { CommittedBatch, Journal, Stretch } from '../../../src/journal/journal.ts';
import type { Range } from '../../../src/model/ranges.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { identity, knownPoint } from '../../support/formats.ts';

const limits = () => ({ readings: 1000, bytes: 100_000 });

function encoderOfPower() {
  return createJsonEncoder(identity, 'live', () => knownPoint('meter/power', 1));
}

function batchAt(first: number, count: number): CommittedBatch {
  const encoder = createEncoder();
  for (let index = 0; index < count; index += 1) {
    encoder.add({ point: 1, value: index, quality: 'good', sourceTime: null, receivedTime: 0 });
  }
  return { class: 'normal', count, anchor: 1, from: 0, to: 0, body: encoder.seal(), first };
}

/** The live lane on a journal that the test plays, with one slot on its way to the destination. */
class Bench {
  readonly clock = new FakeClock();
  readonly window = new Window(1, this.clock);
  readonly sent: { readonly draft: Draft; readonly pass: Pass }[] = [];
  readonly skipped: Range[] = [];
  readonly urgent: CommittedBatch[] = [];
  isHeld = false;
  readonly lane: LiveLane;
  #last = 0;
  #commit: (batch: CommittedBatch) => void = () => undefined;

  /** `stretches`: what the journal holds at the start, as it is read. */
  constructor(stretches: readonly Stretch[] = []) {
    const { clock, window, sent } = this;
    const toRead = [...stretches];
    const journal = {
      last: stretches.at(-1)?.range.upto ?? 0,
      read: () => Promise.resolve(toRead.shift()),
      points: new Map(),
      anchors: new Map([
        [1, { number: 1, boot: 1, offset: 0, state: 'synchronised' }],
        [2, { number: 2, boot: 1, offset: 500, state: 'estimated' }],
      ]),
      onCommit: (listener: (batch: CommittedBatch) => void) => {
        this.#commit = listener;
        return () => undefined;
      },
    } as unknown as Journal;
    const composer = new Composer({ lane: 'live', journal, clock, createEncoder: encoderOfPower });
    const send = (draft: Draft, pass: Pass): void => void sent.push({ draft, pass });
    this.lane = new LiveLane(
      {
        clock,
        window,
        composer,
        limits,
        send,
        open: () => Promise.resolve(),
        isHeld: () => this.isHeld,
        lossesTold: () => Promise.resolve(),
      },
      journal,
      0,
      { skipped: (range) => this.skipped.push(range), urgent: (batch) => this.urgent.push(batch) },
    );
  }

  /** Retention takes so many readings that were never handed out. */
  lose(count: number): void {
    this.#last += count;
  }

  commit(count: number, anchor = 1, kind: CommittedBatch['class'] = 'normal'): void {
    const first = this.#last + 1;
    this.#last += count;
    this.#commit({ ...batchAt(first, count), class: kind, anchor });
  }

  get covers(): readonly Range[] {
    return this.sent.map(({ draft }) => draft.covers);
  }
}

async function running(): Promise<Bench> {
  const bench = new Bench();
  bench.lane.run().catch(() => undefined);
  await bench.clock.advance(0);
  return bench;
}

test('while the window is full several commits gather in one message', async () => {
  const bench = await running();
  bench.commit(10);
  await bench.clock.advance(0);
  bench.commit(10);
  bench.commit(10);
  await bench.clock.advance(0);
  expect(bench.covers).toEqual([{ after: 0, upto: 10 }]);
  bench.sent[0]?.pass.acknowledged();
  await bench.clock.advance(0);
  expect(bench.covers[1]).toEqual({ after: 10, upto: 30 });
});

test('more than five seconds behind it jumps to the newest, and leaves the rest to the backlog', async () => {
  const bench = await running();
  bench.commit(10);
  await bench.clock.advance(0);
  bench.commit(10);
  await bench.clock.advance(5000);
  bench.commit(10);
  expect(bench.skipped).toEqual([]);
  await bench.clock.advance(1);
  bench.commit(10);
  expect(bench.skipped).toEqual([{ after: 10, upto: 30 }]);
  bench.sent[0]?.pass.acknowledged();
  await bench.clock.advance(0);
  expect(bench.covers).toEqual([
    { after: 0, upto: 10 },
    { after: 30, upto: 40 },
  ]);
});

test('readings under different states of the clock go in different messages', async () => {
  const bench = await running();
  bench.commit(5, 1);
  bench.commit(5, 2);
  await bench.clock.advance(0);
  bench.sent[0]?.pass.acknowledged();
  await bench.clock.advance(0);
  const clocks = bench.sent.map(
    ({ draft }) => (JSON.parse(String(draft.messages[0]?.payload)) as { clock: string }).clock,
  );
  expect(clocks).toEqual(['synchronised', 'estimated']);
});

test('a lane that is closed ends with the reason', async () => {
  const bench = new Bench();
  const run = bench.lane.run();
  bench.lane.close(new Error('over'));
  await expect(run).rejects.toThrow('over');
});

test('alarms that would have to wait are handed on, and sent again in their turn', async () => {
  const bench = await running();
  bench.commit(1, 1, 'alarm');
  await bench.clock.advance(0);
  expect(bench.urgent).toEqual([]); // nothing was in its way
  bench.commit(10);
  bench.commit(1, 1, 'alarm');
  expect(bench.urgent.map(({ first }) => first)).toEqual([12]);
  bench.sent[0]?.pass.acknowledged();
  await bench.clock.advance(0);
  expect(bench.covers).toEqual([
    { after: 0, upto: 1 },
    { after: 1, upto: 12 },
  ]);
});

test('alarms are handed on while live readings are held, though nothing is before them', async () => {
  const bench = await running();
  bench.isHeld = true;
  bench.commit(1, 1, 'alarm');
  expect(bench.urgent.length).toBe(1);
});

test('what was gone before it came out is left to the backlog lane, with all that waits before it', async () => {
  const bench = await running();
  bench.commit(10);
  await bench.clock.advance(0);
  bench.commit(10);
  bench.lose(50);
  bench.commit(10);
  expect(bench.skipped).toEqual([{ after: 10, upto: 70 }]);
  bench.sent[0]?.pass.acknowledged();
  await bench.clock.advance(0);
  expect(bench.covers).toEqual([
    { after: 0, upto: 10 },
    { after: 70, upto: 80 },
  ]);
});

test('where the journal has lost something of what it begins with, all that was read with it is left too', async () => {
  const bench = new Bench([
    { range: { after: 0, upto: 30 }, batches: [batchAt(1, 10), batchAt(21, 10)] },
    { range: { after: 30, upto: 40 }, batches: [batchAt(31, 10)] },
  ]);
  bench.lane.run().catch(() => undefined);
  await bench.clock.advance(0);
  expect(bench.skipped).toEqual([{ after: 0, upto: 30 }]);
  expect(bench.covers).toEqual([{ after: 30, upto: 40 }]);
});
