import { Command } from 'commander';
import { expect, test } from 'vitest';
import { spanOf, withSpan, type SpanOptions } from '../../../src/cli/span.ts';

const NOON = Date.UTC(2026, 10, 30, 12);
const HOUR = 3_600_000;

function spanIn(...words: readonly string[]) {
  const command = withSpan(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return spanOf(command.parse(words, { from: 'user' }).opts<SpanOptions>(), NOON);
}

test('sequences, both included, to the newest where no end is named', () => {
  expect(spanIn('--from', '101', '--to', '200')).toEqual({ ranges: [{ after: 100, upto: 200 }] });
  expect(spanIn('--from', '101')).toEqual({ ranges: [{ after: 100, upto: Number.MAX_SAFE_INTEGER }] });
});

test('times, or so long ago, to now where no end is named', () => {
  const span = { from: NOON - 4 * HOUR, to: NOON - 3 * HOUR };
  expect(spanIn('--from', '2026-11-30T08:00', '--to', '2026-11-30T09:00')).toEqual(span);
  expect(spanIn('--from', '4h', '--to', '3h')).toEqual(span);
  expect(spanIn('--from', '4h')).toEqual({ from: NOON - 4 * HOUR, to: NOON });
});

test.each([
  [['--from', '9', '--to', '2h'], '--from is a sequence, so --to must be one too'],
  [['--from', '2h', '--to', '9'], '--from is a time, so --to must be one too'],
  [['--from', '9', '--to', '8'], '--to lies before --from'],
  [['--from', '1h', '--to', '2h'], '--to lies before --from'],
])('%j is refused', (words, message) => {
  expect(() => spanIn(...words)).toThrow(expect.objectContaining({ code: 'usage', message }));
});

test.each(['0', '99999999999999999999', 'yesterday'])('%s is no place in a journal', (text) => {
  expect(() => spanIn('--from', text)).toThrow(/--from <place>/);
});
