import { expect, test } from 'vitest';
import { Latest } from '../../../src/forward/latest.ts';
import { qualityNames, reasonNames } from '../../../src/journal/codec.ts';
import { createEncoder } from '../../../src/journal/encode.ts';
import type { Anchor, CommittedBatch, Journal } from '../../../src/journal/journal.ts';
import type { Reason } from '../../../src/model/reading.ts';

const NOON = 1_900_000_000_000; // wall milliseconds

/** A journal that holds one good reading of each point, by its reason, under the anchor 1. */
function journalOf(reasons: readonly (Reason | undefined)[], anchor: Omit<Anchor, 'number'>) {
  const encoder = createEncoder();
  for (const [point, reason] of reasons.entries()) {
    const remark = reason === undefined ? {} : { reason };
    encoder.add({ point, value: point, quality: 'good', sourceTime: null, receivedTime: 5000, ...remark });
  }
  const { count } = encoder;
  const batch: CommittedBatch = { class: 'normal', first: 1, count, anchor: 1, from: 0, to: 0, body: encoder.seal() };
  const anchors = new Map([[1, { number: 1, ...anchor }]]);
  const journal = {
    last: count,
    anchors,
    onCommit: () => () => undefined,
    read: () => Promise.resolve({ range: { after: 0, upto: count }, batches: [batch] }),
  } as unknown as Journal;
  return { journal, anchors };
}

test('the time of a reading, and whether it is doubted, is what its anchor says when it is asked for', async () => {
  const reasons = [undefined, 'historical', 'unverified'] as const;
  const { journal, anchors } = journalOf(reasons, { boot: 1, offset: NOON, state: 'estimated' });
  const latest = new Latest(journal);
  await latest.follow();
  const told = () =>
    reasons.map((_, point) => {
      const { quality = NaN, reason = NaN, wall, number } = latest.of(point) ?? {};
      return [number, wall, qualityNames[quality], reasonNames[reason]];
    });
  expect(told()).toEqual([
    [0, NOON + 5000, 'uncertain', 'time'],
    [1, NOON + 5000, 'good', 'historical'],
    [2, NOON + 5000, 'uncertain', 'unverified'],
  ]);
  anchors.set(1, { number: 1, boot: 1, offset: NOON + 3_600_000, state: 'synchronised' });
  expect(told()).toEqual([
    [0, NOON + 3_605_000, 'good', undefined],
    [1, NOON + 3_605_000, 'good', 'historical'],
    [2, NOON + 3_605_000, 'good', 'unverified'],
  ]);
  expect(latest.of(3)).toBeUndefined();
});
