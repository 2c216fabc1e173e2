import { choices } from '../config/nearest.ts';
import { parseTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { DeviceStatus, GatewayStatus, Latency } from '../model/status.ts';
import { count, duration, paint, plural, printable } from './format.ts';
import { clockText, counters, nextTryText, stateText } from './status-screen.ts';

/** The device of that id; throws `usage`, naming what the gateway reads. */
export function deviceIn({ devices }: GatewayStatus, id: string): DeviceStatus {
  const device = devices.find((each) => each.id === id);
  if (device !== undefined) return device;
  const known = devices.map((each) => each.id);
  throw new GatewayError('usage', `the gateway reads no device ${id}; ${choices(id, known, 'weir status')}`);
}

/** All that is known of one device, a line each; `now` in milliseconds since 1970. */
export function deviceScreen(device: DeviceStatus, now: number): string {
  const { id, connection, profile, since, reason, error, lastReading, missing } = device;
  const ago = (time: string): string => duration(Math.max(0, now - parseTime(time)));
  const head = [paint('bold', id), `on ${connection}`, stateText(device.state, ago(since)), profile ?? 'no profile'];
  const lines: readonly (readonly [string, string])[] = [
    ['reason', reason ?? ''],
    ['error', error ?? ''],
    ['next try', nextTryText(device.nextTry, now)],
    ['points', device.bad === 0 ? count(device.points) : `${count(device.points)}, ${count(device.bad)} of them bad`],
    ['polls', `${count(device.polls)}, ${count(device.failures)} failed`],
    ['its clock', clockText(device.clock)],
    ['last reading', lastReading === null ? 'never' : `${ago(lastReading)} ago`],
    ['to read back', missing === null ? '' : `${missing.from} to ${missing.to}, from what the device has kept`],
    ['a poll takes', pollTime(device)],
    ['requests', device.latency === null ? '' : latencyText(device.latency)],
    ['on the wire', counters(device.wire)],
  ];
  const shown = lines.filter(([, text]) => text !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  const body = shown.map(([name, text]) => `  ${paint('dim', name.padEnd(width))}  ${printable(text)}`);
  return [head.join('  '), ...body].join('\n');
}

function pollTime({ responseTime, busTime }: DeviceStatus): string {
  const measured =
    responseTime === null ? [] : [`${duration(responseTime.median)}, worst ${duration(responseTime.worst)}`];
  const forecast = busTime === null ? [] : [`${duration(busTime)} by plan`];
  return [...measured, ...forecast].join('; ');
}

/** `5 213 requests, recently 12 ms, 90 % within 15 ms, 99 % within 30 ms, worst 31 ms`. */
function latencyText({ count: answered, median, p90, p99, worst }: Latency): string {
  return [
    `${plural(answered, 'answer')}, recently ${duration(median)}`,
    `90 % within ${duration(p90)}`,
    `99 % within ${duration(p99)}`,
    `worst ${duration(worst)}`,
  ].join(', ');
}
