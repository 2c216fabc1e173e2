import { expect, test } from 'vitest';
import { FakeClock } from '../../support/fake-clock.ts';

test('both clocks stand still until they are advanced, and then move together', async () => {
  const clock = new FakeClock({ monotonic: 100, wall: 5000 });
  expect([clock.monotonic(), clock.wall()]).toEqual([100, 5000]);
  await clock.advance(250.5);
  expect([clock.monotonic(), clock.wall()]).toEqual([350.5, 5250.5]);
});

test('due timers fire in order of their time, then of their making, each seeing its own time', async () => {
  const clock = new FakeClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.monotonic()]);
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, note('second'));
  clock.after(31, note('beyond'));
  await clock.advance(30);
  expect(fired).toEqual([
    ['first', 10],
    ['second', 10],
    ['late', 20],
  ]);
  expect(clock.pending).toBe(1);
});

test('a loop of sleeps goes round as often as real time would let it', async () => {
  const clock = new FakeClock();
  const rounds: number[] = [];
  const stop = new AbortController();
  const loop = (async () => {
    for (;;) {
      await clock.sleep(100, stop.signal);
      rounds.push(clock.monotonic());
    }
  })();
  await clock.advance(350);
  expect(rounds).toEqual([100, 200, 300]);
  stop.abort(new Error('enough'));
  await expect(loop).rejects.toThrow('enough');
  expect(clock.pending).toBe(0);
});

test('a cancelled timer never fires, and cancelling again is harmless', async () => {
  const clock = new FakeClock();
  const cancel = clock.after(10, () => expect.unreachable());
  cancel();
  cancel();
  await clock.advance(20);
});

test('a step of the wall clock moves no timer', async () => {
  const clock = new FakeClock({ wall: 1000 });
  let fired = false;
  clock.after(10, () => {
    fired = true;
  });
  clock.stepWall(-3_600_000);
  expect([clock.monotonic(), clock.wall(), fired]).toEqual([0, 1000 - 3_600_000, false]);
  await clock.advance(10);
  expect(fired).toBe(true);
});

test('a test can await that timers are set', async () => {
  const clock = new FakeClock();
  const waiting = clock.untilPending(2);
  let told = false;
  void waiting.then(() => {
    told = true;
  });
  clock.after(1, () => undefined);
  await clock.advance(0);
  expect(told).toBe(false);
  clock.after(1, () => undefined);
  await waiting;
});
