import { expect, test } from 'vitest';
import { FrameTrace } from '../../../src/collect/frame-trace.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const frame = (number: number) =>
  ({ direction: 'received', bytes: Buffer.from([number & 0xff]), meaning: `${number}` }) as const;

test('nobody is shown a frame while nobody watches', async () => {
  const trace = new FrameTrace(new FakeClock());
  expect(trace.tap.listener).toBeUndefined();
  const enough = new AbortController();
  const watching = trace.watch(enough.signal).next();
  expect(trace.tap.listener).toBeTypeOf('function');
  enough.abort();
  expect((await watching).done).toBe(true);
  expect(trace.tap.listener).toBeUndefined();
});

test('each watcher gets every frame, with the time at which it was shown', async () => {
  const clock = new FakeClock();
  const trace = new FrameTrace(clock);
  const enough = new AbortController();
  const [one, other] = [trace.watch(enough.signal), trace.watch(enough.signal)];
  const watched = [one.next(), other.next()];
  await clock.advance(250);
  trace.tap.listener?.(frame(0xa5));
  const shown = { time: '2026-11-22T09:15:00.250Z', direction: 'received', bytes: 'a5', meaning: '165' };
  for (const { value } of await Promise.all(watched)) expect(value).toEqual([shown]);
  await one.return();
  expect(trace.tap.listener, 'the other one still watches').toBeTypeOf('function');
  await other.return();
  expect(trace.tap.listener).toBeUndefined();
});

test('a watcher that does not look for a while finds the oldest frames, and how many were dropped after them', async () => {
  const trace = new FrameTrace(new FakeClock());
  const watching = trace.watch(new AbortController().signal);
  const first = watching.next();
  for (let number = 0; number < 1_500; number++) trace.tap.listener?.(frame(number));
  const { value: kept } = await first;
  trace.tap.listener?.(frame(1_500));
  const { value: after } = await watching.next();
  expect(kept?.length).toBe(1_000);
  expect(kept?.at(-1)).toMatchObject({ meaning: '999' });
  expect(after).toEqual([expect.objectContaining({ meaning: '1500', dropped: 500 })]);
  await watching.return();
});
