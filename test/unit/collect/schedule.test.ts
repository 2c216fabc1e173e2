import { expect, test } from 'vitest';
import { createAlignment, DeviceSchedule, nextTick } from '../../../src/collect/schedule.ts';
import { isoTime } from '../../../src/model/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;

test.each([
  ['09:15:00.000', 15 * MINUTE, '09:30:00.000'],
  ['09:14:59.999', 15 * MINUTE, '09:15:00.000'],
  ['09:15:00.001', 1_000, '09:15:01.000'],
  ['23:59:30.000', 60 * MINUTE, '00:00:00.000'],
])('after %s a period of %i ms falls due at %s', (now, period, due) => {
  const wall = Date.parse(`2026-11-22T${now}Z`);
  const offset = wall - 5_000.25;
  expect(isoTime(nextTick(5_000.25, period, offset) + offset).slice(11, 23)).toBe(due);
});

test('the first round is due at once, the next on the multiple of the period', () => {
  const schedule = new DeviceSchedule([{ every: 1_000 }], 300);
  expect(schedule.due).toBe(300);
  expect(schedule.take(300, 0)).toMatchObject({ points: [{ every: 1_000 }], missed: 0 });
  expect(schedule.due).toBe(1_000);
});

test('points with different periods are read together when they fall due together', () => {
  const [fast, slow] = [{ every: 1_000 }, { every: 3_000 }];
  const schedule = new DeviceSchedule([fast, slow], 0);
  const rounds = [0, 1_000, 2_000, 3_000].map((now) => schedule.take(now, 0).points.length);
  expect(rounds).toEqual([2, 1, 1, 2]);
});

test('the same set of points is always the same array, so that its read plan can be kept', () => {
  const schedule = new DeviceSchedule([{ every: 1_000 }, { every: 2_000 }], 0);
  const first = schedule.take(0, 0).points;
  schedule.take(1_000, 0);
  expect(schedule.take(2_000, 0).points).toBe(first);
});

test('rounds that could not be read are counted as missed, and not made up for', () => {
  const schedule = new DeviceSchedule([{ every: 100 }], 0);
  schedule.take(0, 0);
  expect(schedule.take(450, 0).missed).toBe(3);
  expect(schedule.due).toBe(500);
});

test('what could not be read is unread until its next turn, which it shares with whatever is due then', () => {
  const [fast, slow] = [{ every: 1_000 }, { every: 900_000 }];
  const schedule = new DeviceSchedule([fast, slow], 0);
  schedule.take(0, 0);
  expect(schedule.unread).toBe(false);
  schedule.putBack();
  expect([schedule.unread, schedule.due]).toEqual([true, 1_000]);
  expect(schedule.take(1_200, 0)).toEqual({ points: [fast, slow], due: [fast], missed: 0 });
  expect(schedule.unread).toBe(false);
});

test('slewing of the clock leaves the schedule alone, a step moves it', () => {
  const clock = new FakeClock();
  const alignment = createAlignment(clock);
  const before = alignment();
  clock.stepWall(200);
  expect(alignment()).toBe(before);
  clock.stepWall(3_600_000);
  expect(alignment()).toBe(before + 3_600_200);
});
