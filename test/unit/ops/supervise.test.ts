import { describe, expect, test } from 'vitest';
import { GatewayError, type ErrorCode } from '../../../src/model/errors.ts';
import { backoffDelay, supervise, type Backoff } from '../../../src/ops/supervise.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const plain: Backoff = { first: 1000, longest: 60_000, jitter: 0 };

describe('backoffDelay', () => {
  test('doubles from the first wait to the longest and stays there, however long the outage', () => {
    const failures = [1, 2, 3, 6, 7, 8, 100, 1_000_000];
    expect(failures.map((count) => backoffDelay(plain, count))).toEqual([
      1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000, 60_000,
    ]); // prettier-ignore
  });

  test('leaves to chance the share that jitter names, and never waits longer than without it', () => {
    const jittered = { ...plain, jitter: 0.3 };
    expect(backoffDelay(jittered, 2, () => 0)).toBe(2000);
    expect(backoffDelay(jittered, 2, () => 0.5)).toBe(1700);
    expect(backoffDelay(jittered, 2, () => 1)).toBe(1400);
  });
});

type Outcome = 'fails' | 'works, then fails' | 'ends' | 'finds no port';

/** Runs attempts that end as `outcomes` say, one after the other, then stops. */
function supervised(outcomes: readonly Outcome[]) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const attempts: number[] = [];
  const delays: number[] = [];
  const done = supervise(
    {
      clock,
      backoff: plain,
      attempt: (_, healthy) => {
        const outcome = outcomes[attempts.length];
        attempts.push(clock.monotonic());
        if (outcome === 'works, then fails') healthy();
        if (outcome === 'ends') return Promise.resolve();
        if (outcome === undefined) stop.abort();
        const code: ErrorCode = outcome === 'finds no port' ? 'port-missing' : 'connection-lost';
        return Promise.reject(new GatewayError(code, 'gone'));
      },
      failed: (_, delay) => void delays.push(delay),
    },
    stop.signal,
  );
  return { clock, stop, attempts, delays, done };
}

const notExpected = (): never => expect.unreachable();

describe('supervise', () => {
  test('waits longer after each failure in a row, and starts over once an attempt has worked', async () => {
    const run = supervised(['fails', 'fails', 'fails', 'works, then fails', 'fails']);
    await run.clock.advance(60_000);
    await run.done;
    expect(run.delays).toEqual([1000, 2000, 4000, 1000, 2000]);
    expect(run.attempts).toEqual([0, 1000, 3000, 7000, 8000, 10_000]);
  });

  test('looks for a port that is not there every two seconds, however long it was away, and goes on from where it was', async () => {
    const away = Array.from({ length: 40 }, () => 'finds no port' as const);
    const run = supervised(['fails', 'fails', ...away, 'fails', 'works, then fails']);
    await run.clock.advance(200_000);
    await run.done;
    expect(run.delays).toEqual([1000, 2000, ...away.map(() => 2000), 4000, 1000]);
  });

  test('begins again at once when an attempt ends without an error', async () => {
    const run = supervised(['ends', 'ends']);
    await run.done;
    expect([run.attempts, run.delays]).toEqual([[0, 0, 0], []]);
  });

  test('ends quietly when it is stopped while it waits', async () => {
    const run = supervised(['fails']);
    await run.clock.untilPending();
    run.stop.abort();
    await run.done;
    expect([run.attempts.length, run.clock.pending]).toEqual([1, 0]);
  });

  test('does not begin at all once it is stopped', async () => {
    const work = { clock: new FakeClock(), backoff: plain, attempt: notExpected, failed: notExpected };
    await supervise(work, AbortSignal.abort());
  });

  test.each([
    ['an error that only the technician can mend', new GatewayError('configuration-invalid', 'unknown key')],
    ['an error that is not ours, which is a bug', new TypeError('x is undefined')],
  ])('gives up with %s', async (_, error) => {
    const attempt = (): Promise<void> => Promise.reject(error);
    const work = { clock: new FakeClock(), backoff: plain, attempt, failed: notExpected };
    await expect(supervise(work, new AbortController().signal)).rejects.toBe(error);
  });
});
