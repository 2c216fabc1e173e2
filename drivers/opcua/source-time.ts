import { parseTime } from '../../src/model/clock.ts';

// Milliseconds since 1970. What a server says to be older was never set: 1601 is the zero of its format (Part 6,
// 5.2.2.5), 1970 that of its operating system, 1980 and 2000 those of clocks without a battery.
const EARLIEST = parseTime('2000-01-02T00:00:00Z');

// Milliseconds that a device may be ahead of us: one that keeps local time as if it were UTC is by up to 14 hours.
const AHEAD = 86_400_000;

/** Whether a time of a device can be one at which something was measured. `now` is ours, milliseconds since 1970. */
export function isPlausible(time: number, now: number): boolean {
  return time >= EARLIEST && time <= now + AHEAD;
}
