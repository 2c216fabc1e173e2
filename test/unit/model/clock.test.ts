import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isoTime, parseTime, systemClock, withDeadline } from '../../../src/model/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const late = (): Error => new Error('too late');

describe('the system clock', () => {
  // Here the timers of the runtime themselves are replaced: the one seam below the clock.
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('runs an action once, after the time asked for', () => {
    const action = vi.fn<() => void>();
    systemClock.after(500, action);
    vi.advanceTimersByTime(499);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(action).toHaveBeenCalledOnce();
  });

  test.each([30, 90])('waits %i days, which is longer than one timer of the runtime can', (days) => {
    const action = vi.fn<() => void>();
    const wait = days * 86_400_000;
    systemClock.after(wait, action);
    vi.advanceTimersByTime(wait - 1);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
  });

  test('can be cancelled in every leg of a long wait', () => {
    for (const elapsed of [0, 25 * 86_400_000, 50 * 86_400_000]) {
      const cancel = systemClock.after(90 * 86_400_000, () => expect.unreachable());
      vi.advanceTimersByTime(elapsed);
      cancel();
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test('its monotonic time does not follow a step of the wall clock', () => {
    const [monotonic, wall] = [systemClock.monotonic(), systemClock.wall()];
    vi.setSystemTime(wall - 3_600_000);
    expect(systemClock.wall()).toBe(wall - 3_600_000);
    expect(systemClock.monotonic()).toBe(monotonic);
  });
});

describe('sleep', () => {
  test('rejects at once with the reason when it is aborted, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const asleep = clock.sleep(1000, stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(asleep).rejects.toThrow('shutting down');
    expect(clock.pending).toBe(0);
  });

  test('rejects without a timer when the signal was aborted before', async () => {
    const clock = new FakeClock();
    await expect(clock.sleep(1000, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(clock.pending).toBe(0);
  });

  test('takes its listener off the signal, which lives as long as the daemon', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const asleep = clock.sleep(10, signal);
    await clock.advance(10);
    await asleep;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('withDeadline', () => {
  test('passes on what the work resolves or rejects with, and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const limit = { clock, milliseconds: 100, late, signal };
    await expect(withDeadline(Promise.resolve(42), limit)).resolves.toBe(42);
    await expect(withDeadline(Promise.reject(new Error('failed')), limit)).rejects.toThrow('failed');
    expect(clock.pending).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('rejects when the time is up, and what the work does afterwards harms nobody', async () => {
    const clock = new FakeClock();
    const work = Promise.withResolvers<number>();
    const limited = withDeadline(work.promise, { clock, milliseconds: 100, late });
    const outcome = expect(limited).rejects.toThrow('too late');
    await clock.advance(99);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    await outcome;
    work.reject(new Error('nobody listens any more'));
    await clock.advance(0);
  });

  test('rejects with the reason of the signal, before or during the work', async () => {
    const clock = new FakeClock();
    const never = Promise.withResolvers<never>().promise;
    const stop = new AbortController();
    const limited = withDeadline(never, { clock, milliseconds: 100, late, signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(limited).rejects.toThrow('stopped');
    await expect(withDeadline(never, { clock, milliseconds: 100, late, signal: stop.signal })).rejects.toThrow(
      'stopped',
    );
    expect(clock.pending).toBe(0);
  });
});

test('times are written in UTC and read back', () => {
  expect(isoTime(Date.UTC(2026, 10, 22, 9, 15))).toBe('2026-11-22T09:15:00.000Z');
  expect(parseTime('2026-11-22T10:15:00+01:00')).toBe(Date.UTC(2026, 10, 22, 9, 15));
  expect(parseTime('yesterday')).toBeNaN();
});
