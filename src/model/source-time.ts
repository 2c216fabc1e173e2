import { parseTime } from './clock.ts';

// Milliseconds since 1970. What a device says to be older was never set: 1601 is the zero of OPC UA, 1970 that of most
// operating systems, 1980 and 2000 those of clocks without a battery.
const EARLIEST = parseTime('2000-01-02T00:00:00Z');

/** Whether a time of a device can be one at which something was measured: set, and at most `ahead` after `now`, ours. */
export function isPlausible(time: number, now: number, ahead: number): boolean {
  return time >= EARLIEST && time <= now + ahead;
}
