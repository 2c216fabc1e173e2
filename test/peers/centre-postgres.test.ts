import { afterAll, beforeAll, expect, test } from 'vitest';
import { Corrections } from '../../src/centre/corrections.ts';
import { Ledger } from '../../src/centre/ledger.ts';
import type { CorrectionMessage, DataMessage, GapMessage } from '../../src/centre/message.ts';
import { openLedger, openStore } from '../../src/centre/store/open.ts';
import { storeReport, type StoreReport } from '../../src/centre/store/report.ts';
import type { Store, StoreEvent } from '../../src/centre/store/store.ts';
import { isoTime, systemClock } from '../../src/model/clock.ts';
import {
  dataMessage,
  epoch,
  gapMessage,
  gateway,
  payloadOf,
  readingOf,
  readingsOf,
  start,
  doubtfulMessage,
} from '../support/centre-messages.ts';
import { describeWith } from '../support/peers.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

describeWith('postgres', 'a store in PostgreSQL', () => {
  let server: Postgres;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);

  afterAll(() => server[Symbol.asyncDispose]());

  test('has each reading once with its type, and the next run goes on with coverage and gaps', async () => {
    const url = await server.database();
    for (const offset of [0, 100]) {
      await using centre = await storing(url);
      await centre.keep(
        dataMessage({ after: offset, upto: offset + 40 }),
        dataMessage({ after: offset + 20, upto: offset + 60 }, { lane: 'backlog' }),
        gapMessage({ after: offset + 60, upto: offset + 100 }),
      );
    }
    await using again = await storing(url);
    expect(again.store.accounts).toMatchObject([
      {
        gateway,
        epoch,
        received: 120,
        delivered: [
          { after: 0, upto: 60 },
          { after: 100, upto: 160 },
        ],
        gaps: [{ covers: { after: 60, upto: 100 }, count: 40, from: start, to: start + 40, reason: 'size' }, {}],
        span: { oldest: start + 1, newest: start + 160 },
      },
    ]);
    await again.keep(dataMessage({ after: 10, upto: 30 }), gapMessage({ after: 160, upto: 200 }));
    expect(await reportOf(url)).toMatchObject({ complete: true, received: 120, missing: 0, conflicting: 0 });
    const rows = await server.query(
      url,
      'SELECT seq::int, point, time, source_time, number, text, flag, quality, reason, unit FROM weir.readings ORDER BY seq',
    );
    const written = [...readingsOf({ after: 0, upto: 60 }), ...readingsOf({ after: 100, upto: 160 })];
    expect(JSON.parse(JSON.stringify(rows))).toEqual(
      written.map(({ time, sourceTime, value, ...reading }) => ({
        ...reading,
        time: isoTime(time),
        source_time: sourceTime === null ? null : isoTime(sourceTime),
        number: typeof value === 'number' ? value : null,
        text: typeof value === 'string' ? value : null,
        flag: typeof value === 'boolean' ? value : null,
      })),
    );
  });

  test('says what is missing, and between which times it was taken, in SQL too', async () => {
    const url = await server.database();
    await using centre = await storing(url);
    await centre.keep(
      dataMessage({ after: 10, upto: 20 }),
      dataMessage({ after: 50, upto: 60 }),
      dataMessage({ after: 20, upto: 30 }),
      gapMessage({ after: 60, upto: 70 }),
      dataMessage({ after: 75, upto: 80 }),
    );
    expect(await reportOf(url, true)).toMatchObject({ complete: false, missing: 35 });
    expect(await reportOf(url)).toMatchObject({
      complete: false,
      missing: 25,
      gateways: [
        {
          coverage: 'holes',
          from: 10,
          upto: 80,
          gapReadings: 10,
          holes: [
            { after: 30, upto: 50, from: isoTime(start + 30), to: isoTime(start + 51) },
            { after: 70, upto: 75, from: isoTime(start + 60), to: isoTime(start + 76) },
          ],
        },
      ],
    });
    const holes = 'SELECT gateway, epoch, after::int, upto::int, missing::int FROM weir.holes ORDER BY after';
    expect(await server.query(url, holes)).toEqual([
      { gateway, epoch, after: 30, upto: 50, missing: 20 },
      { gateway, epoch, after: 70, upto: 75, missing: 5 },
    ]);
  });

  test('what another centre or an earlier run received is not lost, though a gap record tells it again', async () => {
    const url = await server.database();
    const thinned = { readings: readingsOf({ after: 20, upto: 40 }, (seq) => seq <= 25 || seq > 30) };
    {
      await using before = await storing(url);
      await before.keep(dataMessage({ after: 0, upto: 20 }), dataMessage({ after: 20, upto: 40 }, thinned));
    }
    await using centre = await storing(url);
    const gone = { after: 25, upto: 30 };
    await centre.keep(gapMessage({ after: 5, upto: 10 }), gapMessage(gone));
    const told = { gateway, epoch, covers: [10, 15], count: 5, from: null, to: null, reason: 'size' };
    await server.query(url, `SELECT weir.receive('${JSON.stringify(told)}')`);
    expect(await reportOf(url)).toMatchObject({ complete: true, gateways: [{ gapReadings: 5, gaps: [gone] }] });
  });

  test('joins what two centres received, and finds that they were told different things', async () => {
    const url = await server.database();
    await using one = await storing(url);
    await using other = await storing(url);
    const ranges = Array.from({ length: 40 }, (_, index) => ({ after: index * 50, upto: index * 50 + 50 }));
    await Promise.all(
      ranges.map((covers, index) => (index % 2 === 0 ? one : other).keep(dataMessage(covers), dataMessage(covers))),
    );
    expect(await reportOf(url, true)).toMatchObject({ complete: true, received: 2000, gateways: [{ upto: 2000 }] });
    const repeat = readingsOf({ after: 0, upto: 50 });
    await other.keep(dataMessage({ after: 0, upto: 50 }, { readings: repeat }));
    expect(await reportOf(url, true)).toMatchObject({ complete: true, conflicting: 0 });
    const changed = repeat.map((reading) => (reading.seq === 7 ? { ...reading, value: 4711 } : reading));
    await other.keep(dataMessage({ after: 0, upto: 50 }, { readings: changed }));
    expect(await reportOf(url, true)).toMatchObject({ complete: false, received: 2000, conflicting: 1 });
  });

  test('is the same where another engine feeds it with messages as they are', async () => {
    const [ours, theirs] = [await server.database(), await server.database()];
    await using centre = await storing(ours);
    await (await openStore(theirs, systemClock, () => undefined)).close();
    const data = [
      [0, 40],
      [20, 60],
      [100, 130],
      [60, 60],
      [60, 100],
      [0, 40],
    ].map(([after = 0, upto = 0]) => dataMessage({ after, upto }));
    const { covers, from, to, ...gap } = gapMessage({ after: 130, upto: 150 });
    const said = { ...gap, covers: [covers.after, covers.upto], from: isoTime(from ?? 0), to: isoTime(to ?? 0) };
    await centre.keep(...data, gapMessage(covers));
    for (const payload of [...data.map((message) => payloadOf(message)), JSON.stringify(said), JSON.stringify(said)]) {
      await server.query(theirs, `SELECT weir.receive('${payload.toString().replaceAll("'", "''")}')`);
    }
    for (const table of ['readings', 'coverage', 'gaps', 'covered', 'holes']) {
      const rows = `SELECT * FROM weir.${table} ORDER BY 1, 2, 3`;
      expect(await server.query(theirs, rows), table).toEqual(await server.query(ours, rows));
    }
    const accounts = 'SELECT gateway, epoch, received, conflicting, oldest, newest FROM weir.gateways';
    expect(await server.query(theirs, accounts)).toEqual(await server.query(ours, accounts));
    expect(await reportOf(theirs, true)).toMatchObject({ complete: true, received: 130 });
  });

  test.each([3_600_000, -3_600_000])(
    'a correction by %i ms reaches all readings, whoever stored them',
    async (shift) => {
      const [ours, theirs] = [await server.database(), await server.database()];
      await using one = await storing(ours);
      await using other = await storing(ours);
      await (await openStore(theirs, systemClock, () => undefined)).close();
      const messages = [
        doubtfulMessage({ after: 0, upto: 30 }),
        dataMessage({ after: 30, upto: 50 }),
        doubtfulMessage({ after: 50, upto: 60 }),
      ] as const;
      const correction = { gateway, epoch, number: 1, shift, clock: 'synchronised' } as const;
      const booked = { kind: 'correction', ...correction, covers: { after: 0, upto: 60 } } as const;
      const said = JSON.stringify({ ...correction, covers: [0, 60] });
      await one.keep(messages[0], messages[1], booked);
      // This one never hears of it, as where centres share what arrives.
      await other.keep(messages[2]);
      for (const payload of [payloadOf(messages[0]), payloadOf(messages[1]), said, payloadOf(messages[2]), said]) {
        await server.query(theirs, `SELECT weir.receive('${payload.toString().replaceAll("'", "''")}')`);
      }
      const known = new Corrections([booked]);
      const times = messages
        .flatMap(({ readings }) => readings.map((reading) => known.apply(reading)))
        .map(({ time, quality, reason, clock = null }) => ({ time: isoTime(time), quality, reason, clock }));
      const sorted = times.map(({ time }) => time).toSorted();
      const [oldest, newest] = [sorted[0], sorted.at(-1)];
      const select = 'SELECT time, quality, reason, clock FROM weir.readings ORDER BY seq';
      for (const url of [ours, theirs]) {
        expect(JSON.parse(JSON.stringify(await server.query(url, select)))).toEqual(times);
        expect(await reportOf(url)).toMatchObject({ gateways: [{ oldest, newest }] });
      }
      await using again = await storing(ours);
      // Nor does a late repeat, by whom nothing was told of the clock, bring back what is corrected.
      await other.keep(messages[0]);
      expect(await reportOf(ours)).toMatchObject({ received: 60, gateways: [{ oldest, newest }] });
      expect(again.store.accounts).toMatchObject([{ corrections: [{ number: 1, shift }] }]);
    },
  );

  test('keeps texts that PostgreSQL cannot hold as near as it can', async () => {
    const url = await server.database();
    await using centre = await storing(url);
    const values = ['a\0b', '\ud800', 'ü € 🜛 \\ "quoted" {x}'];
    const readings = values.map((value, index) => ({ ...readingOf(12), seq: index + 1, value }));
    await centre.keep(dataMessage({ after: 0, upto: 3 }, { readings }));
    expect(await server.query(url, 'SELECT text FROM weir.readings ORDER BY seq')).toEqual(
      ['a\u{fffd}b', '\u{fffd}', values[2]].map((text) => ({ text })),
    );
  });

  test('a server that goes away is waited for, and nothing is lost or counted twice', async () => {
    const url = await server.database();
    const events: StoreEvent['kind'][] = [];
    await using centre = await storing(url, ({ kind }) => void events.push(kind));
    await centre.keep(dataMessage({ after: 0, upto: 100 }));
    const ranges = Array.from({ length: 50 }, (_, index) => ({ after: 100 + index * 100, upto: 200 + index * 100 }));
    const keeping = centre.keep(...ranges.map((covers) => dataMessage(covers)));
    await server.stop();
    await expect(openStore(url, systemClock, () => undefined)).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('nothing listens on that port'),
    });
    await server.start();
    await keeping;
    expect(events).toEqual(expect.arrayContaining(['lost', 'back']));
    expect(await reportOf(url, true)).toMatchObject({ complete: true, received: 5100, conflicting: 0 });
  }, 60_000);

  test('refuses a database of another form, and one where nothing is', async () => {
    const url = await server.database();
    await expect(openLedger(url, systemClock)).rejects.toThrow('no centre has stored anything there');
    await (await openStore(url, systemClock, () => undefined)).close();
    await server.query(url, 'UPDATE weir.form SET version = 99');
    await expect(openLedger(url, systemClock)).rejects.toThrow('have form 99');
    await expect(openStore(url, systemClock, () => undefined)).rejects.toMatchObject({ code: 'usage' });
  });
});

test.each([
  ['mysql://host/city', 'must be a file, or like postgres://'],
  ['postgres://weir:secret@host/city', 'carries a password'],
  ['postgres://weir@host/city?password=secret', 'carries a password'],
])('%s is refused', async (place, why) => {
  const opening = openStore(place, systemClock, () => undefined);
  await expect(opening).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(why) });
  await expect(opening).rejects.not.toThrow('secret');
});

async function reportOf(url: string, fromStart = false): Promise<StoreReport> {
  await using ledger = await openLedger(url, systemClock);
  return await storeReport(ledger, { fromStart, now: start });
}

type Storing = AsyncDisposable & {
  readonly store: Store;
  /** Resolves once all of them are committed. */
  keep(...messages: readonly (DataMessage | GapMessage | CorrectionMessage)[]): Promise<void>;
};

/** What a centre does with messages, on a ledger that goes on where the store ended. */
async function storing(url: string, heard: (event: StoreEvent) => void = () => undefined): Promise<Storing> {
  const store = await openStore(url, systemClock, heard);
  const ledger = new Ledger({ remember: 1000, fromStart: true }, store.accounts);
  return {
    store,
    keep: async (...messages) => {
      const entries = messages.map((message) => ledger.book(message, start));
      await Promise.all(
        entries.map(async (entry) => {
          if (entry.kind !== 'nothing' && entry.kind !== 'rejected') await store.write(entry);
        }),
      );
    },
    [Symbol.asyncDispose]: async () => store.close(),
  };
}
