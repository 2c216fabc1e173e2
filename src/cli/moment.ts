import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { parseTime } from '../model/clock.ts';
import { parseDuration } from '../model/duration.ts';

/** A moment that an option names, in wall milliseconds, once it is known what time it is. */
export type Moment = (now: number) => number;

// Knows how many days a month has, which JavaScript's own parser does not.
const localTime = z.iso.datetime({ local: true });

/** Parses the value of an option as so long ago (`2h`) or an ISO 8601 time, in UTC where it names no other zone. */
export function moment(text: string): Moment {
  const ago = parseDuration(text);
  if (ago !== undefined) return (now) => now - ago;
  const time = wallOf(text);
  if (time !== undefined) return () => time;
  throw new InvalidArgumentError('It must be so long ago, like 30m, 2h or 7d, or a time like 2026-11-30T12:00 (UTC).');
}

function wallOf(text: string): number | undefined {
  if (z.iso.date().safeParse(text).success) return parseTime(text);
  const [, local = '', zone = 'Z'] = /^(.*?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (!localTime.safeParse(local).success) return undefined;
  const time = parseTime(`${local}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}
