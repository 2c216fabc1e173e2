import { describe, expect, test } from 'vitest';
import { deviceIn, deviceScreen } from '../../../src/cli/status-device.ts';
import type { DeviceStatus } from '../../../src/model/status.ts';
import { playedStatus } from '../../support/played-gateway.ts';

const now = Date.UTC(2026, 10, 22, 9, 3, 12);
const [meter, pump] = playedStatus.devices as [DeviceStatus, DeviceStatus];

describe('one device on the screen', () => {
  test('shows how quick it is, what was odd on the wire, and what is bad', () => {
    const latency = { count: 5_213, sum: 62_000, median: 12.4, p90: 15, p99: 30, worst: 31 };
    const device = { ...meter, bad: 3, latency, busTime: 42, wire: { timeout: 3, 'checksum-error': 1 } };
    expect(deviceScreen(device, now).split('\n')).toEqual([
      'main-meter  on switchroom  up 3m12s  eastron/sdm630',
      '  points        40, 3 of them bad',
      '  polls         19, 0 failed',
      '  last reading  3m12s ago',
      '  a poll takes  12 ms, worst 31 ms; 42 ms by plan',
      '  requests      5 213 answers, recently 12 ms, 90 % within 15 ms, 99 % within 30 ms, worst 31 ms',
      '  on the wire   timeout 3, checksum-error 1',
    ]);
  });

  test('says why it is lost, and leaves out what nobody knows yet', () => {
    const unknown = { ...pump, latency: null, busTime: null, wire: {} };
    expect(deviceScreen(unknown, now).split('\n')).toEqual([
      'pump  on plant  lost 3m12s  no profile',
      '  reason        not-connected',
      '  points        2',
      '  polls         19, 19 failed',
      '  last reading  never',
    ]);
  });

  test('says what it is still to be asked for of the time in which it was not heard', () => {
    const missing = { from: '2026-11-22T08:00:00.000Z', to: '2026-11-22T08:30:00.000Z' };
    expect(deviceScreen({ ...meter, missing }, now)).toContain(
      'to read back  2026-11-22T08:00:00.000Z to 2026-11-22T08:30:00.000Z, from what the device has kept',
    );
  });

  test('that the gateway does not read is an error with those that it does', () => {
    expect(() => deviceIn(playedStatus, 'boiler')).toThrow(
      'the gateway reads no device boiler; there are: main-meter, pump',
    );
  });
});
