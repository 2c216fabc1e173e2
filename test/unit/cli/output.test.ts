import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Output } from '../../../src/cli/output.ts';
import { table } from '../../../src/cli/table.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const clock = new FakeClock();
let out: string;
let err: string;

beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += String(chunk);
    return true;
  });
});

const { isTTY, columns: width } = process.stderr;

afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
  process.stderr.columns = width;
});

test('a result is text for people and one line of JSON for programs', async () => {
  await new Output({ json: false, quiet: false, clock }).result({ a: 1 }, () => 'a is 1');
  await new Output({ json: true, quiet: false, clock }).result({ a: 1 }, () => 'a is 1');
  expect(out).toBe('a is 1\n{"a":1}\n');
});

test('remarks go to the standard error, and neither to programs nor to whoever asked for quiet', () => {
  new Output({ json: true, quiet: false, clock }).note('not this');
  new Output({ json: false, quiet: true, clock }).note('nor this');
  new Output({ json: false, quiet: false, clock }).note('this');
  expect([out, err]).toEqual(['', 'this\n']);
});

test('progress is shown on a terminal after two seconds, and wiped away in the end', async () => {
  process.stderr.isTTY = true;
  const progress = new Output({ json: false, quiet: false, clock }).progress('reading');
  await clock.advance(1999);
  expect(err).toBe('');
  await clock.advance(1);
  expect(stripVTControlCharacters(err)).toMatch(/^\r. reading$/);
  progress[Symbol.dispose]();
  const shown = err;
  await clock.advance(10_000);
  expect(err).toBe(shown);
  expect(shown.endsWith('\r\x1b[K')).toBe(true);
});

test('no progress is shown where nobody looks', async () => {
  using _progress = new Output({ json: false, quiet: false, clock }).progress('reading');
  await clock.advance(10_000);
  expect(err).toBe('');
});

test('a table is rows under a heading, coloured cells as wide as they look, numbers to the right', async () => {
  const columns = [
    { title: 'id', cell: ({ id }: { id: string }) => `\x1b[31m${id}\x1b[39m` },
    { title: 'points', right: true, cell: ({ id }: { id: string }) => String(id.length) },
    { title: 'last', cell: () => '' },
  ] as const;
  const lines = (await table(columns, [{ id: 'a' }, { id: 'main-meter' }])).split('\n');
  expect(lines.map(stripVTControlCharacters)).toEqual([
    'id          points  last',
    'a                1',
    'main-meter      10',
  ]);
});

describe('a ticker', () => {
  const output = new Output({ json: false, quiet: false, clock });

  test('is one line, wiped away before another line stays, and shown again below it', () => {
    process.stderr.isTTY = true;
    const ticker = output.ticker();
    ticker.show('1 of 3');
    ticker.show('2 of 3');
    output.line('found');
    ticker[Symbol.dispose]();
    output.line('end');
    expect(out).toBe('found\nend\n');
    expect(err).toBe('\r1 of 3\x1b[K\r2 of 3\x1b[K\r\x1b[K\r2 of 3\x1b[K\r\x1b[K');
  });

  test('never wraps: what wraps could not be wiped away', () => {
    process.stderr.isTTY = true;
    process.stderr.columns = 20;
    output.ticker().show('a'.repeat(40));
    expect(stripVTControlCharacters(err).trim()).toHaveLength(19);
  });

  test('is not shown where nobody looks', () => {
    process.stderr.isTTY = false;
    output.ticker().show('1 of 3');
    process.stderr.isTTY = true;
    new Output({ json: true, quiet: false, clock }).ticker().show('1 of 3');
    new Output({ json: false, quiet: true, clock }).ticker().show('1 of 3');
    expect(err).toBe('');
  });
});
