import { styleText } from 'node:util';
import { isoTime, type Clock } from '../model/clock.ts';

/** Syslog severities (RFC 5424); journald reads them from the `<n>` in front of a line. */
const severities = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;
export type LogLevel = keyof typeof severities;

const colours = { error: 'red', warning: 'yellow', notice: 'green', info: 'dim', debug: 'dim' } as const;

/** What a line is about, for machines. */
export type EventFields = Readonly<Record<string, string | number | undefined>>;

export interface Log {
  /** Writes one line to the standard error; never throws. */
  write(level: LogLevel, event: string, message: string, fields?: EventFields): void;
}

export type LogStyle = 'terminal' | 'journald' | 'json';

/** The style that suits where the standard error goes. */
export function logStyle(json: boolean): LogStyle {
  if (json) return 'json';
  return process.env['JOURNAL_STREAM'] === undefined ? 'terminal' : 'journald';
}

function format(
  style: LogStyle,
  time: string,
  entry: { level: LogLevel; event: string; message: string; fields: EventFields | undefined },
): string {
  switch (style) {
    case 'json':
      return JSON.stringify({ time, level: entry.level, event: entry.event, message: entry.message, ...entry.fields });
    case 'journald':
      return `<${severities[entry.level]}>${entry.message}`;
    case 'terminal':
      return `${styleText('dim', time.slice(11, 23), { stream: process.stderr })} ${styleText(colours[entry.level], entry.message, { stream: process.stderr })}`;
  }
}

/** A log on the standard error, from `threshold` upwards. */
export function createLog(clock: Clock, style: LogStyle, threshold: LogLevel = 'notice'): Log {
  return {
    write(level, event, message, fields) {
      if (severities[level] > severities[threshold]) return;
      process.stderr.write(`${format(style, isoTime(clock.wall()), { level, event, message, fields })}\n`);
    },
  };
}
