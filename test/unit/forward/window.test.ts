import { expect, test } from 'vitest';
import { Pace } from '../../../src/forward/pace.ts';
import { Window } from '../../../src/forward/window.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('whoever waits is let in by rank: the gateway itself, then live, then backlog', async () => {
  const window = new Window(1, new FakeClock());
  const first = await window.enter('live');
  const order: string[] = [];
  const waiting = (['backlog', 'live', 'control'] as const).map(async (priority) => {
    const pass = await window.enter(priority);
    order.push(priority);
    pass.abandon();
  });
  first.abandon();
  await Promise.all(waiting);
  expect(order).toEqual(['control', 'live', 'backlog']);
});

test('the backlog leaves slots to the live lane', async () => {
  const window = new Window(8, new FakeClock());
  let backlog = 0;
  for (let index = 0; index < 8; index += 1) void window.enter('backlog').then(() => (backlog += 1));
  await window.enter('live');
  await window.enter('live');
  expect(backlog).toBe(6);
  expect(window.inFlight).toBe(8);
});

test('bytes on their way are bounded as well as messages', async () => {
  const window = new Window(64, new FakeClock());
  const pass = await window.enter('live');
  pass.sent(32 * 1024);
  let second = false;
  const waiting = window.enter('live').then(() => (second = true));
  await Promise.resolve();
  expect(second).toBe(false);
  pass.acknowledged();
  await waiting;
});

test('a closed window rejects who waits and who comes', async () => {
  const window = new Window(1, new FakeClock());
  await window.enter('live');
  const waiting = window.enter('live');
  window.close(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(window.enter('control')).rejects.toThrow('over');
});

/** Sends over a link of so many bytes a millisecond, with so many milliseconds of way, and as much as is allowed. */
function allowanceOver(link: { readonly rate: number; readonly way: number }, rounds: number): number {
  const pace = new Pace();
  let now = link.way;
  // The first message of a session is the short one that says that the gateway is there.
  pace.acknowledged({ bytes: 0, sentAt: 0, acknowledgedAt: now, filled: false });
  for (let round = 0; round < rounds; round += 1) {
    const bytes = pace.allowance;
    const acknowledgedAt = now + link.way + bytes / link.rate;
    pace.acknowledged({ bytes, sentAt: now, acknowledgedAt, filled: true });
    now = acknowledgedAt;
  }
  return pace.allowance;
}

test.each([
  ['64 kbit/s', { rate: 8, way: 50 }, 2 * 1024, 6 * 1024],
  ['10 Mbit/s', { rate: 1250, way: 20 }, 300_000, 1_400_000],
  ['the loopback', { rate: 1_000_000, way: 0.2 }, 16 * 1024 * 1024, 16 * 1024 * 1024],
])('over %s as much is on its way as answers within half a second or so', (_, link, least, most) => {
  const allowance = allowanceOver(link, 400);
  expect(allowance).toBeGreaterThanOrEqual(least);
  expect(allowance).toBeLessThanOrEqual(most);
});

test('a link that is only far away, by satellite, is used all the same', () => {
  expect(allowanceOver({ rate: 10_000, way: 700 }, 400)).toBeGreaterThan(1_000_000);
});

test('an allowance that nothing has filled does not grow', () => {
  const pace = new Pace();
  const before = pace.allowance;
  for (let at = 0; at < 100; at += 1)
    pace.acknowledged({ bytes: 1000, sentAt: at, acknowledgedAt: at + 1, filled: false });
  expect(pace.allowance).toBe(before);
});
