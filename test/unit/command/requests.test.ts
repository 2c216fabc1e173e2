import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import type { RewindSpan, Rewound } from '../../../src/model/rewind.ts';
import { commanding, type Commanding } from '../../support/commanding.ts';

// What a centre asks of the gateway itself.

/** A destination that holds the sequences from 101 on, and what it was asked. */
function ownDestination(busy = false) {
  const spans: RewindSpan[] = [];
  let introductions = 0;
  return {
    spans,
    get introductions() {
      return introductions;
    },
    introduce: () => {
      introductions += 1;
    },
    rewind: (span: RewindSpan): Promise<Rewound> => {
      spans.push(span);
      if (busy) return Promise.reject(new GatewayError('rewind-busy', 'centre: 7 readings are still to be sent'));
      return Promise.resolve({ kept: [{ after: 100, upto: 200 }], gone: [{ after: 50, upto: 100 }] });
    },
  };
}

const replay = { target: undefined, value: undefined, replay: { covers: [[50, 200]] } };

function ask(tried: Commanding, changes: object) {
  return tried.outcome(tried.command(changes));
}

test('what is there is sent once more, and what is gone is said; both are in the audit log', async () => {
  const own = ownDestination();
  await using tried = await commanding({ own, rule: { replay: { perHour: 60 } } });
  expect(await ask(tried, replay)).toMatchObject({
    id: 'c1',
    target: 'replay',
    status: 'done',
    detail: '101..200 are sent once more; 51..100 are gone, and announced as lost',
    value: 100,
  });
  expect(own.spans).toEqual([{ ranges: [{ after: 50, upto: 200 }] }]);
  expect(tried.told.map(({ event }) => event)).toEqual(['request-done']);
  await tried.audit[Symbol.asyncDispose]();
  expect(tried.entries.map(({ event, detail }) => [event, detail['target'], detail['value']])).toEqual([
    ['command', 'replay', '51..200'],
    ['command-result', 'replay', 100],
  ]);
});

test('nothing is sent once more that the configuration does not allow', async () => {
  const own = ownDestination();
  await using tried = await commanding({ own });
  expect(await ask(tried, replay)).toMatchObject({ status: 'rejected', reason: 'not-allowed' });
  expect(own.spans).toEqual([]);
});

test('the catalogue needs no leave of its own', async () => {
  const own = ownDestination();
  await using tried = await commanding({ own });
  const catalogue = { target: undefined, value: undefined, catalogue: true };
  expect(await ask(tried, catalogue)).toMatchObject({ status: 'done', target: 'catalogue' });
  expect(own.introductions).toBe(1);
});

test('requests are paced by the hour', async () => {
  const own = ownDestination();
  await using tried = await commanding({ own, rule: { replay: { perHour: 60 } } });
  expect(await ask(tried, replay)).toMatchObject({ status: 'done' });
  expect(await ask(tried, replay)).toMatchObject({
    status: 'rejected',
    reason: 'too-fast',
    detail: 'more than 60 replays an hour',
  });
  await tried.clock.advance(60_000);
  expect(await ask(tried, replay)).toMatchObject({ status: 'done' });
});

test('one at a time: while an earlier one is not done the next has failed', async () => {
  await using tried = await commanding({ own: ownDestination(true), rule: { replay: { perHour: 60 } } });
  expect(await ask(tried, replay)).toMatchObject({ status: 'failed', reason: 'busy' });
});

test('sequences of a journal that is gone are refused', async () => {
  await using tried = await commanding({ own: ownDestination(), rule: { replay: { perHour: 60 } } });
  const older = { ...replay, replay: { covers: [[50, 200]], epoch: '00000000' } };
  expect(await ask(tried, older)).toMatchObject({
    status: 'rejected',
    reason: 'other-epoch',
    detail: 'the journal is of epoch 6f1c9a2e: that of 00000000 is gone, and what it held',
  });
});
