import { expect, test } from 'vitest';
import { GENESIS, openEntry, sealEntry, type Head } from '../../../../src/ops/audit/entry.ts';
import { verifyLines, type AuditFaultKind } from '../../../../src/ops/audit/verify.ts';

/** `count` lines of a log that nobody has touched. */
function chain(count: number, from: Head = GENESIS): readonly string[] {
  let head = from;
  return Array.from({ length: count }, (_, index) => {
    const detail = { point: 'boiler/setpoint', value: 40 + index, by: 'centre' };
    const sealed = sealEntry(head, { time: '2026-11-22T09:15:00.000Z', event: 'command', detail });
    head = sealed.head;
    return sealed.line;
  });
}

function verdictOf(texts: readonly string[], heads: readonly Head[] = [], whole = true) {
  const lines = texts.map((text, index) => ({
    file: 'audit.log',
    line: index + 1,
    text,
    whole: whole || index < texts.length - 1,
  }));
  return verifyLines(lines, heads);
}

function headOf(line: string | undefined): Head {
  const entry = openEntry(line ?? '');
  if (entry === undefined) throw new Error('the test made no entry');
  return { number: entry.number, hash: entry.hash };
}

test('a log as it was written is sound, from its first entry to its head', () => {
  const lines = chain(20);
  const head = headOf(lines.at(-1));
  expect(verdictOf(lines, [head])).toEqual({ from: 1, to: 20, head, missed: 0, fault: null });
});

/** The entry in `line` with another value, sealed anew behind the same head. */
function rewritten(line: string): string {
  const entry = openEntry(line);
  if (entry === undefined) throw new Error('the test made no entry');
  const { number, previous, time, event } = entry;
  return sealEntry({ number: number - 1, hash: previous }, { time, event, detail: { value: 'forged' } }).line;
}

const tampered: readonly (readonly [
  string,
  (lines: readonly string[]) => readonly string[],
  AuditFaultKind,
  number,
])[] = [
  ['an entry edited', (lines) => lines.map((line) => line.replace('"value":50', '"value":60')), 'edited', 11],
  ['an entry edited, and its hash made anew', (lines) => lines.with(10, rewritten(lines[10] ?? '')), 'replaced', 12],
  ['a space added', (lines) => lines.map((line) => line.replace('"value":50', '"value": 50')), 'edited', 11],
  ['an entry deleted', (lines) => lines.toSpliced(10, 1), 'deleted', 11],
  ['five entries deleted', (lines) => lines.toSpliced(10, 5), 'deleted', 11],
  ['two entries swapped', (lines) => lines.toSpliced(10, 2, lines[11] ?? '', lines[10] ?? ''), 'reordered', 11],
  ['an entry moved to the end', (lines) => [...lines.toSpliced(10, 1), lines[10] ?? ''], 'reordered', 11],
  ['an entry repeated', (lines) => lines.toSpliced(10, 0, lines[9] ?? ''), 'reordered', 11],
  ['the beginning cut off', (lines) => lines.slice(5), 'beginning', 1],
  ['something else in between', (lines) => lines.toSpliced(10, 0, 'nothing happened'), 'edited', 11],
  ['a line emptied', (lines) => lines.with(10, ''), 'edited', 11],
];

test.each(tampered)('%s is seen, and the first bad line named', (_, tamper, kind, line) => {
  const lines = chain(20);
  expect(verdictOf(tamper(lines), [headOf(lines.at(-1))]).fault).toMatchObject({ kind, file: 'audit.log', line });
});

test('a tail cut off is seen by a head that somebody else knows, and only by that', () => {
  const lines = chain(20);
  expect(verdictOf(lines.slice(0, 15), [headOf(lines[19])]).fault).toMatchObject({
    kind: 'truncated',
    line: 15,
    detail: 'it ends with entry 15, and there were 20',
  });
  expect(verdictOf(lines.slice(0, 15)).fault).toBeNull();
});

test('a line that ends in its middle is told apart from one that was edited', () => {
  const lines = chain(20);
  const torn = lines.with(19, (lines[19] ?? '').slice(0, 40));
  expect(verdictOf(torn, [], false).fault).toMatchObject({ kind: 'torn', line: 20 });
});

test('a whole log written anew is seen by a head that somebody else knows', () => {
  const forged = chain(20, { number: 0, hash: '0'.repeat(64) }).map((line) => line.replaceAll('centre', 'x'));
  let head = GENESIS;
  const anew = forged.map((line) => {
    const { time, event } = JSON.parse(line);
    const sealed = sealEntry(head, { time, event, detail: { nothing: true } });
    head = sealed.head;
    return sealed.line;
  });
  expect(verdictOf(anew).fault).toBeNull();
  expect(verdictOf(anew, [headOf(chain(20)[16])]).fault).toMatchObject({ kind: 'replaced', line: 17 });
});

test('every single bit that is flipped anywhere in the log is seen', () => {
  const lines = chain(3);
  const head = headOf(lines.at(-1));
  const bytes = Buffer.from(lines.join('\n'));
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(verdictOf(flipped.toString('latin1').split('\n'), [head]).fault).not.toBeNull();
  }
});

test('an entry never holds more than a few hundred characters of what somebody sent', () => {
  const { line } = sealEntry(GENESIS, { time: '', event: 'command', detail: { id: 'x'.repeat(1_000_000) } });
  expect(line.length).toBeLessThan(1000);
  expect(openEntry(line)).toBeDefined();
});
