import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Corrections } from '../../../src/centre/corrections.ts';
import { Ledger, type Entry } from '../../../src/centre/ledger.ts';
import type { Message } from '../../../src/centre/message.ts';
import { openSink, type Sink } from '../../../src/centre/sink.ts';
import { openSqlite } from '../../../src/centre/sinks/sqlite.ts';
import { isoTime } from '../../../src/model/clock.ts';
import {
  dataMessage,
  doubtfulMessage,
  epoch,
  gapMessage,
  gateway,
  readingOf,
  readingsOf,
  start,
} from '../../support/centre-messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const settings = { remember: 1000, fromStart: true };

/** What a centre does with a message, on a ledger that goes on where the sink ended. */
function keeping(sink: Sink): { readonly ledger: Ledger; readonly keep: (message: Message) => Entry } {
  const ledger = new Ledger(settings, sink.accounts);
  const keep = (message: Message): Entry => {
    const entry = ledger.book(message, start);
    if (entry.kind !== 'nothing' && entry.kind !== 'rejected') void sink.write(entry);
    return entry;
  };
  return { ledger, keep };
}

const open = (file: string): Sink => (file.endsWith('.db') ? openSqlite(file) : openSink(file));

/** Two openings of the file, with a repeat in each, a gap, and a part that overlaps. */
async function fill(file: string): Promise<void> {
  for (const offset of [0, 100]) {
    const sink = open(file);
    const { keep } = keeping(sink);
    keep(dataMessage({ after: offset, upto: offset + 40 }));
    keep(dataMessage({ after: offset + 20, upto: offset + 60 }, { lane: 'backlog' }));
    keep(gapMessage({ after: offset + 60, upto: offset + 100 }));
    await sink.close();
    await sink.close();
  }
}

const written = [...readingsOf({ after: 0, upto: 60 }), ...readingsOf({ after: 100, upto: 160 })];

test('NDJSON has each reading once, and the gap records', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'readings.ndjson');
  await fill(file);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.filter((each) => 'seq' in each)).toEqual(
    written.map(({ time, sourceTime, reason, unit, ...reading }) => ({
      gateway,
      epoch,
      ...reading,
      time: isoTime(time),
      ...(sourceTime === null ? {} : { sourceTime: isoTime(sourceTime) }),
      ...(reason === null ? {} : { reason }),
      ...(unit === null ? {} : { unit }),
    })),
  );
  expect(objects.filter((each) => 'covers' in each)).toEqual(
    [60, 160].map((after) => ({
      gateway,
      epoch,
      covers: [after, after + 40],
      count: 40,
      from: isoTime(start),
      to: isoTime(start + 40),
      reason: 'size',
    })),
  );
});

test('CSV has a header once and each reading once, quoted as RFC 4180 says', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'readings.csv');
  await fill(file);
  const [header, ...records] = (await readFile(file, 'utf8')).split('\r\n');
  expect(header).toBe('gateway,epoch,seq,time,point,value,quality,reason,source_time,unit,clock');
  expect(records.pop()).toBe('');
  const { point } = readingOf(4);
  expect(records[3]).toBe(`${gateway},${epoch},4,2026-11-22T09:15:00.004Z,${point},"text, ""4""",good,,,,`);
  expect(records[10]).toContain(',,bad,no-answer,');
  expect(records.map((record) => Number(record.split(',')[2]))).toEqual(written.map(({ seq }) => seq));
});

test('SQLite has each reading once with its type, and the next run goes on with coverage and gaps', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'readings.db');
  await fill(file);
  const sink = open(file);
  const { ledger, keep } = keeping(sink);
  expect(ledger.report(start).gateways).toMatchObject([
    { gateway, epoch, received: 120, gapReadings: 80, coverage: 'contiguous', from: 0, upto: 200 },
  ]);
  expect(keep(dataMessage({ after: 10, upto: 30 }))).toMatchObject({ fresh: [], conflicts: [] });
  expect(keep(gapMessage({ after: 160, upto: 200 }))).toMatchObject({ kind: 'nothing' });
  await sink.close();

  const database = new Database(file, { readonly: true });
  const rows = database.prepare('SELECT * FROM readings ORDER BY seq').all();
  expect(rows).toEqual(
    written.map(({ time, sourceTime, value, ...reading }) => ({
      gateway,
      epoch,
      ...reading,
      time: isoTime(time),
      value: typeof value === 'boolean' ? Number(value) : value,
      source_time: sourceTime === null ? null : isoTime(sourceTime),
      clock: null,
    })),
  );
  const types = database.prepare('SELECT DISTINCT typeof(value) FROM reading ORDER BY 1').pluck().all();
  expect(types).toEqual(['integer', 'null', 'real', 'text']);
  database.close();
});

const correction = {
  kind: 'correction',
  gateway,
  epoch,
  number: 1,
  covers: { after: 0, upto: 60 },
  shift: 3_600_000,
  clock: 'synchronised',
} as const;

test('SQLite gives readings the times that are known by now, whether they came before or after that was told', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'corrected.db');
  const messages = [
    doubtfulMessage({ after: 0, upto: 30 }),
    dataMessage({ after: 30, upto: 50 }),
    doubtfulMessage({ after: 50, upto: 60 }),
  ] as const;
  const sink = open(file);
  const { keep } = keeping(sink);
  for (const message of [messages[0], messages[1], correction, messages[2], correction]) keep(message);
  await sink.close();
  const known = new Corrections([correction]);
  const expected = messages
    .flatMap(({ readings }) => readings.map((reading) => known.apply(reading)))
    .map(({ time, quality, reason, clock = null }) => ({ time: isoTime(time), quality, reason, clock }));
  expect(expected).toContainEqual(expect.objectContaining({ quality: 'good', reason: 'unverified' }));
  const database = new Database(file, { readonly: true });
  expect(database.prepare('SELECT time, quality, reason, clock FROM readings ORDER BY seq').all()).toEqual(expected);
  database.close();
});

test('SQLite: what an earlier run received is not lost, though a gap record tells it again', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'told-again.db');
  const thinned = { readings: readingsOf({ after: 20, upto: 40 }, (seq) => seq <= 25 || seq > 30) };
  const first = open(file);
  const before = keeping(first);
  before.keep(dataMessage({ after: 0, upto: 20 }));
  before.keep(dataMessage({ after: 20, upto: 40 }, thinned));
  const [here, gone] = [gapMessage({ after: 5, upto: 10 }), gapMessage({ after: 25, upto: 30 })];
  expect(before.keep(here)).toEqual({ kind: 'nothing' });
  await first.close();
  const second = open(file);
  const { ledger, keep } = keeping(second);
  expect(keep(here)).toEqual({ kind: 'nothing' });
  expect(keep(gapMessage({ after: 10, upto: 15 }))).toEqual({ kind: 'nothing' });
  expect(keep(gone)).toMatchObject({ kind: 'gap' });
  expect(ledger.report(start)).toMatchObject({ gateways: [{ gapReadings: 5, gaps: [{ after: 25, upto: 30 }] }] });
  await second.close();
});

test.each([
  [3_600_000, { after: 0, upto: 60 }],
  [-3_600_000, { after: 0, upto: 60 }],
  [25, { after: 0, upto: 20 }],
  [-25, { after: 0, upto: 20 }],
  [5, { after: 10, upto: 20 }],
  [-5, { after: 10, upto: 20 }],
  [-25, { after: 50, upto: 60 }],
  [25, { after: 70, upto: 90 }],
])(
  'SQLite knows from when to when its readings are after a correction by %i ms of $after…$upto',
  async (shift, covers) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'moved.db');
    const sink = open(file);
    const { keep } = keeping(sink);
    keep(doubtfulMessage({ after: 0, upto: 30 }));
    keep(dataMessage({ after: 30, upto: 50 }));
    keep(doubtfulMessage({ after: 50, upto: 60 }));
    keep({ ...correction, covers, shift });
    await sink.close();
    const database = new Database(file, { readonly: true });
    const span = database.prepare('SELECT min(time) AS oldest, max(time) AS newest FROM reading').get();
    database.close();
    const again = open(file);
    expect(again.accounts).toMatchObject([{ span }]);
    await again.close();
  },
);

test('CSV keeps the times that it was given, and says which were not for sure', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'corrected.csv');
  const sink = open(file);
  const { keep } = keeping(sink);
  keep(doubtfulMessage({ after: 0, upto: 1 }));
  keep(correction);
  keep(doubtfulMessage({ after: 1, upto: 2 }));
  await sink.close();
  const records = (await readFile(file, 'utf8')).split('\r\n').slice(1, -1);
  expect(records.map((record) => record.split(',')).map((cells) => [cells[2], cells[3], cells.at(-1)])).toEqual([
    ['1', isoTime(start + 1), 'estimated'],
    ['2', isoTime(start + 2 + correction.shift), 'synchronised'],
  ]);
});

test('SQLite melts the ranges of a coverage that touch, in any order', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'coverage.db');
  const sink = open(file);
  const { keep } = keeping(sink);
  for (const after of [30, 0, 50, 20, 70, 10]) keep(dataMessage({ after, upto: after + 10 }));
  await sink.close();
  const again = open(file);
  expect(again.accounts).toMatchObject([
    {
      delivered: [
        { after: 0, upto: 40 },
        { after: 50, upto: 60 },
        { after: 70, upto: 80 },
      ],
      received: 60,
    },
  ]);
  await again.close();
});

describe.each(['readings.ndjson', 'readings.csv'])('%s', (name) => {
  test('loses the half line that a power cut left, and nothing else', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, name);
    await fill(file);
    const whole = await readFile(file);
    await truncate(file, whole.length - 3);
    await open(file).close();
    const lastLine = whole.lastIndexOf('\n', whole.length - 3) + 1;
    expect(await readFile(file)).toEqual(whole.subarray(0, lastLine));
  });

  test('is refused, and left as it is, when it holds something else', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, name);
    await writeFile(file, 'a diary\nwithout an end');
    expect(() => open(file)).toThrow(expect.objectContaining({ code: 'output-failed' }));
    expect(await readFile(file, 'utf8')).toBe('a diary\nwithout an end');
  });

  test('is found whole after more than one block', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, name);
    await fill(file);
    const { size } = await stat(file);
    await appendFile(file, 'x'.repeat(200_000));
    await open(file).close();
    expect((await stat(file)).size).toBe(size);
  });
});

test('a database of something else, or of a later form, is refused', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'other.db');
  new Database(file).exec('CREATE TABLE diary (text)').close();
  expect(() => open(file)).toThrow(expect.objectContaining({ code: 'output-failed' }));
  const own = join(folder.path, 'own.db');
  await open(own).close();
  const database = new Database(own);
  database.pragma('user_version = 99');
  database.close();
  expect(() => open(own)).toThrow('has form 99');
});

test('a full disk is told as such', async () => {
  const sink = openSink('/dev/full', 'ndjson');
  expect(() => keeping(sink).keep(dataMessage({ after: 0, upto: 5 }))).toThrow(/cannot be written: ENOSPC/);
  await sink.close();
});

test('a file whose ending says nothing needs a format', async () => {
  await using folder = await temporaryFolder();
  expect(() => openSink(join(folder.path, 'readings.txt'))).toThrow(expect.objectContaining({ code: 'usage' }));
  await openSink(join(folder.path, 'readings.txt'), 'csv').close();
});
