import { expect, test } from 'vitest';
import { CLOCK_BOUND } from '../../../src/collect/device-clock.ts';
import { checkDevice } from '../../../src/cli/doctor/devices.ts';
import { createReport } from '../../../src/ops/events.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { scriptedDriver } from '../../support/scripted-driver.ts';

/** A meter whose clock is so many seconds ahead; `unit` of the point that says it. */
async function read(aheads: readonly number[], unit = 's', clockBound?: number) {
  const waiting = [...aheads];
  const point = { definition: { quantity: 'clock-deviation', unit } };
  const meter = { ...deviceSetup('meter', point, {}), ...(clockBound !== undefined && { clockBound }) };
  const driver = scriptedDriver({
    read: async (_device, points, { clock }) => {
      const ahead = waiting.shift() ?? 0;
      const receivedTime = clock.monotonic();
      return points.map(({ number }) => ({
        point: number,
        value: ahead,
        quality: 'good',
        sourceTime: null,
        receivedTime,
      }));
    },
  });
  await using collecting = new Collecting([meter], driver);
  await collecting.clock.advance((aheads.length - 1) * 1_000 + 500);
  const told = collecting.told.filter(({ event }) => event.startsWith('device-clock'));
  const lines: string[] = [];
  const { report } = createReport({ write: (_level, _event, message) => void lines.push(message) });
  for (const { event, fields } of told) report(event, fields);
  return {
    told: told.map(({ event, fields }) => [event, fields['seconds']]),
    lines,
    status: collecting.statusOf('meter'),
  };
}

test('a clock that is off by more than a minute is told once, and so is that it is right again', async () => {
  expect(CLOCK_BOUND).toBe(60_000);
  const { told, status } = await read([59, 61, 75, 60, -61, 3]);
  expect(told).toEqual([
    ['device-clock-off', 61],
    ['device-clock-right', 60],
    ['device-clock-off', -61],
    ['device-clock-right', 3],
  ]);
  expect(status?.clock).toEqual({ ahead: 3, bound: 60, off: false });
});

test('the log says whether a clock is ahead or behind', async () => {
  expect((await read([75, 0.4, -61, -0.4])).lines).toEqual([
    'the clock of device meter is 75 s ahead of ours, more than 60 s off',
    'the clock of device meter is right again: 0.4 s ahead of ours',
    'the clock of device meter is 61 s behind ours, more than 60 s off',
    'the clock of device meter is right again: 0.4 s behind ours',
  ]);
});

test('how much is too much is configured, and the unit of the point does not matter', async () => {
  expect((await read([4, 6], 's', 5_000)).told).toEqual([['device-clock-off', 6]]);
  expect((await read([59_000, 61_000], 'ms')).told).toEqual([['device-clock-off', 61]]);
});

test('doctor names a clock that is off, and of one that does not tell there is nothing to say', async () => {
  const { status } = await read([-75]);
  if (status === undefined) throw new Error('there is a meter');
  expect(checkDevice(status, true)).toMatchObject([
    { severity: 'warning', subject: 'device meter', what: 'its clock is 75 s behind ours, more than 60 s' },
  ]);
  await using collecting = new Collecting([deviceSetup('meter')], scriptedDriver({ read: async () => [] }));
  expect(collecting.statusOf('meter')?.clock).toBeNull();
});
