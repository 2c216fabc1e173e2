import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { AbortWatch } from '../../../drivers/modbus/abort-watch.ts';

function watching() {
  const aborted: AbortSignal[] = [];
  const watch = new AbortWatch((signal) => aborted.push(signal));
  return { aborted, watch };
}

const listeners = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

test('a signal that many requests share is listened to once', () => {
  const { aborted, watch } = watching();
  const control = new AbortController();
  for (let request = 0; request < 3; request++) watch.watch(control.signal, true);
  expect(listeners(control)).toBe(1);
  control.abort();
  expect(aborted).toEqual([control.signal]);
});

test('the one before is let go of when nobody waits under it any more', () => {
  const { aborted, watch } = watching();
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  watch.watch(first.signal, true);
  watch.watch(second.signal, false);
  expect([first, second].map(listeners)).toEqual([1, 1]);
  watch.watch(third.signal, true);
  expect([first, second, third].map(listeners)).toEqual([0, 0, 1]);
  first.abort();
  third.abort();
  expect(aborted).toEqual([third.signal]);
});

test('nothing is left on a signal that outlives the wire', () => {
  const { aborted, watch } = watching();
  const control = new AbortController();
  watch.watch(control.signal, true);
  watch.forget();
  expect(listeners(control)).toBe(0);
  control.abort();
  expect(aborted).toEqual([]);
});
