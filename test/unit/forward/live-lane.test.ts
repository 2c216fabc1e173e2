import { expect, test } from 'vitest';
import { Composer, type Draft } from '../../../src/forward/composer.ts';
import { createJsonEncoder } from '../../../src/forward/formats/json-encoder.ts';
import { LiveLane } from '../../../src/forward/live-lane.ts';
import { Window, type Pass } from '../../../src/forward/window.ts';
import { createEncoder } from '../../../src/journal/encode.ts';
import type { CommittedBatch, Journal } from '../../../src/journal/journal.ts';
import type { Range } from '../../../src/model/ranges.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { identity, knownPoint } from '../../support/formats.ts';

const limits = () => ({ readings: 1000, bytes: 100_000 });

function encoderOfPower() {
  return createJsonEncoder(identity, 'live', () => knownPoint('meter/power', 1));
}

/** The live lane on a journal that the test plays, with one slot on its way to the destination. */
class Bench {
  readonly clock = new FakeClock();
  readonly window = new Window(1, this.clock);
  readonly sent: { readonly draft: Draft; readonly pass: Pass }[] = [];
  readonly skipped: Range[] = [];
  readonly lane: LiveLane;
  #last = 0;
  #commit: (batch: CommittedBatch) => void = () => undefined;

  constructor() {
    const { clock, window, sent } = this;
    const journal = {
      last: 0,
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
    this.lane = new LiveLane({ clock, window, composer, limits, send }, journal, 0, (range) =>
      this.skipped.push(range),
    );
  }

  commit(count: number, anchor = 1): void {
    const encoder = createEncoder();
    for (let index = 0; index < count; index += 1) {
      encoder.add({ point: 1, value: index, quality: 'good', sourceTime: null, receivedTime: 0 });
    }
    const first = this.#last + 1;
    this.#last += count;
    this.#commit({ class: 'normal', count, anchor, from: 0, to: 0, body: encoder.seal(), first });
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
