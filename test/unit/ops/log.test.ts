import { describe, expect, test, vi } from 'vitest';
import { createReport, eventTable } from '../../../src/ops/events.ts';
import { createLog, logStyle, type LogLevel, type LogStyle } from '../../../src/ops/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** What `write` puts on the standard error. */
function written(style: LogStyle, threshold: LogLevel, write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    write(createLog(new FakeClock(), style, threshold));
  } finally {
    stderr.mockRestore();
  }
  return lines.join('');
}

describe('log', () => {
  test('journald gets the severity in front and no time of ours', () => {
    const line = written('journald', 'notice', (log) => log.write('warning', 'device-lost', 'device x is silent'));
    expect(line).toBe('<4>device x is silent\n');
  });

  test('machines get one JSON object a line', () => {
    const line = written('json', 'notice', (log) =>
      log.write('notice', 'device-back', 'x is back', { device: 'x', seconds: 3 }),
    );
    expect(JSON.parse(line)).toEqual({
      time: '2026-11-22T09:15:00.000Z', level: 'notice', event: 'device-back', message: 'x is back', device: 'x', seconds: 3,
    }); // prettier-ignore
  });

  test('a terminal gets the time of day and the message', () => {
    const line = written('terminal', 'notice', (log) => log.write('error', 'journal-full', 'the disk is full'));
    expect(line).toContain('09:15:00.000');
    expect(line).toContain('the disk is full');
  });

  test('what lies below the threshold is not written', () => {
    for (const [threshold, lines] of [
      ['notice', 0],
      ['info', 1],
    ] as const) {
      const output = written('json', threshold, (log) => log.write('info', 'wire-oddity', 'late frame'));
      expect(output.split('\n').length - 1).toBe(lines);
    }
  });

  test('the style follows where the standard error goes', () => {
    vi.stubEnv('JOURNAL_STREAM', '8:12345');
    expect([logStyle(true), logStyle(false)]).toEqual(['json', 'journald']);
    vi.stubEnv('JOURNAL_STREAM', undefined);
    expect(logStyle(false)).toBe('terminal');
    vi.unstubAllEnvs();
  });
});

describe('report', () => {
  test('one event is one line, filled from its fields, and one count', () => {
    const lines: string[] = [];
    const { report, counters } = createReport({
      write: (level, event, message) => lines.push(`${level} ${event} ${message}`),
    });
    report('device-lost', { device: 'boiler', reason: 'no-answer' });
    report('device-back', { device: 'boiler', seconds: 192 });
    report('device-lost', { device: 'boiler' });
    expect(lines).toEqual([
      'warning device-lost device boiler is lost: no-answer',
      'notice device-back device boiler is back after 192 s',
      'warning device-lost device boiler is lost: ',
    ]);
    expect([...counters]).toEqual([
      ['device-lost', 2],
      ['device-back', 1],
    ]);
  });

  test('every event has a text on one line', () => {
    for (const { text } of Object.values(eventTable)) expect(text).toMatch(/^\S.*\S$/);
  });
});
