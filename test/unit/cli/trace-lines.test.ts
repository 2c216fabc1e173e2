import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frameLines } from '../../../src/cli/trace-lines.ts';

const sent = {
  time: '2026-11-22T09:15:01.204Z',
  direction: 'sent',
  bytes: '010300640002',
  meaning: 'unit 1: read holding 100, 2 registers',
} as const;
const received = { ...sent, direction: 'received', bytes: '0103'.repeat(10), meaning: 'unit 1: 2 registers' } as const;

describe('a frame on the screen', () => {
  test('is its time, its direction, what it says, and the first of its bytes', () => {
    expect(frameLines(sent, false)).toBe('09:15:01.204 → unit 1: read holding 100, 2 registers  01 03 00 64 00 02');
    expect(frameLines(received, false)).toBe(
      '09:15:01.204 ← unit 1: 2 registers  01 03 01 03 01 03 01 03 01 03 01 03 …',
    );
  });

  test('with all its bytes is lines of sixteen, with the letters among them', () => {
    expect(frameLines({ ...received, bytes: `${'41'.repeat(16)}0a42` }, true).split('\n')).toEqual([
      '09:15:01.204 ← unit 1: 2 registers',
      `               ${'41 '.repeat(16)} ${'A'.repeat(16)}`,
      `               0a 42${' '.repeat(44)}.B`,
    ]);
  });

  test('tells how many before it were not shown', () => {
    expect(frameLines({ ...sent, dropped: 3 }, false).split('\n')[0]).toBe('… 3 frames not shown: too many to follow');
  });

  test('cannot play with the terminal', () => {
    expect(frameLines({ ...sent, meaning: 'text \u001b[2J' }, false)).not.toContain('\u001b[2J');
  });
});

describe('its colour', () => {
  const { FORCE_COLOR, NO_COLOR } = process.env;

  beforeEach(() => {
    delete process.env['NO_COLOR'];
    process.env['FORCE_COLOR'] = '1';
  });

  afterEach(() => {
    delete process.env['FORCE_COLOR'];
    if (FORCE_COLOR !== undefined) process.env['FORCE_COLOR'] = FORCE_COLOR;
    if (NO_COLOR !== undefined) process.env['NO_COLOR'] = NO_COLOR;
  });

  test.each([
    ['a question', sent, 36],
    ['an answer', received, 32],
    ['an exception', { ...received, meaning: 'unit 1: exception 2 to read holding' }, 33],
    ['a late answer', { ...received, meaning: 'late: unit 1: 2 registers' }, 35],
    ['noise', { ...received, meaning: 'noise' }, 31],
  ])('tells %s from the others', (_what, frame, colour) => {
    const line = frameLines(frame, false);
    expect(line).toContain(`\u001b[${colour}m${frame.meaning}`);
    expect(stripVTControlCharacters(line)).toContain(frame.meaning);
  });
});
