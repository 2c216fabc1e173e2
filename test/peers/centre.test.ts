import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { CentreReport } from '../../src/centre/report.ts';
import { openSink, type Sink } from '../../src/centre/sink.ts';
import { openSqlite } from '../../src/centre/sinks/sqlite.ts';
import { dataMessage, epoch, gateway, payloadOf, readingsOf } from '../support/centre-messages.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { hundreds, publish, publisher } from '../support/publishing.ts';
import { brokerAt, runningCentre } from '../support/running-centre.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const topic = (name: string): string => `weir/1/${gateway}/${name}`;
const patience = (): AbortSignal => AbortSignal.timeout(15_000);

const sorted = (sequences: readonly number[]): number[] => sequences.toSorted((a, b) => a - b);

const completeUpto =
  (upto: number) =>
  (report: CentreReport): boolean =>
    report.complete && report.gateways.every((each) => each.upto === upto);

describeWith('mosquitto', 'a centre at mosquitto', () => {
  test('sees a hole, sees it filled, and writes every reading once in all three forms', async () => {
    await using broker = await startMosquitto();
    await using folder = await temporaryFolder();
    const files = ['readings.ndjson', 'readings.csv'].map((name) => join(folder.path, name));
    const store = join(folder.path, 'readings.db');
    const sinks = [...files.map((file) => openSink(file)), openSqlite(store)];
    const each: Sink = {
      accounts: [],
      write: (entry) => sinks.forEach((sink) => void sink.write(entry)),
      close: () => sinks.forEach((sink) => void sink.close()),
    };
    await using centre = await runningCentre({ broker: brokerAt(broker.url), sink: each, fromStart: true });
    await using client = await publisher(broker.url);
    const [first, hole, ...rest] = hundreds(0, 3000);
    if (first === undefined || hole === undefined) throw new Error('there are 30');

    await client.publishAsync(topic('status'), JSON.stringify({ gateway, epoch, status: 'online' }), { retain: true });
    await client.publishAsync(topic('catalogue'), JSON.stringify({ gateway, epoch, points: { 'a/b': {} } }));
    await Promise.all([first, ...rest, ...rest.slice(0, 4)].map((covers) => publish(client, dataMessage(covers))));
    const holed = await centre.until(({ received, repeats }) => received === 2900 && repeats === 400, patience());
    expect(holed).toMatchObject({ complete: false, missing: 100, conflicting: 0 });
    expect(holed.gateways).toMatchObject([{ status: 'online', points: 1, coverage: 'holes', holes: [hole] }]);
    await publish(client, dataMessage(hole, { lane: 'backlog' }));
    expect((await centre.until(completeUpto(3000), patience())).gateways).toMatchObject([
      { received: 3000, repeats: 400, unverified: 0, coverage: 'contiguous', from: 0 },
    ]);
    await centre.stop();
    await each.close();

    const [lines = '', csv = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const everything = readingsOf({ after: 0, upto: 3000 });
    const fromLines = lines
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(sorted(fromLines)).toEqual(everything.map(({ seq }) => seq));
    const fromCsv = csv
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => Number(line.split(',')[2]));
    expect(sorted(fromCsv)).toEqual(everything.map(({ seq }) => seq));
    const database = new Database(store, { readonly: true });
    const points = database.prepare('SELECT point FROM readings ORDER BY seq').pluck().all();
    expect(points).toEqual(everything.map(({ point }) => point));
    database.close();
  });

  test('with a session, misses nothing of what was sent while it was away', async () => {
    await using broker = await startMosquitto();
    await using client = await publisher(broker.url);
    await using folder = await temporaryFolder();
    const session = brokerAt(broker.url, { session: true });
    for (const away of [0, 2000, 4000]) {
      const sink = openSqlite(join(folder.path, 'readings.db'));
      await using centre = await runningCentre({ broker: session, sink, fromStart: true });
      await Promise.all(hundreds(away, away + 1000).map((covers) => publish(client, dataMessage(covers))));
      await centre.until(completeUpto(away + 1000), patience());
      await centre.stop();
      await sink.close();
      await Promise.all(hundreds(away + 1000, away + 2000).map((covers) => publish(client, dataMessage(covers))));
    }
    const sink = openSqlite(join(folder.path, 'readings.db'));
    await using centre = await runningCentre({ broker: session, sink, fromStart: true });
    const { received, repeats } = await centre.until(completeUpto(6000), patience());
    expect({ received, repeats }).toEqual({ received: 6000, repeats: 0 });
    await sink.close();
  });

  test('with a session, loses nothing when a broker with persistence is killed', async () => {
    await using broker = await startMosquitto({ persistence: true });
    await using client = await publisher(broker.url);
    await using centre = await runningCentre({ broker: brokerAt(broker.url, { session: true }), fromStart: true });
    for (const [round, start] of [0, 1000, 2000].entries()) {
      // What the kill leaves unacknowledged is sent again by the client, as a gateway would.
      const sending = Promise.all(hundreds(start, start + 1000).map((covers) => publish(client, dataMessage(covers))));
      if (round > 0) {
        const [lost, back] = [centre.next('lost'), centre.next('subscribed')];
        await broker.restart();
        await Promise.all([lost, back]);
      }
      await sending;
      await centre.until(completeUpto(start + 1000), patience());
    }
    expect(centre.report()).toMatchObject({ complete: true, received: 3000, conflicting: 0 });
  });

  test('acknowledges nothing that it could not keep', async () => {
    await using broker = await startMosquitto();
    await using client = await publisher(broker.url);
    const session = brokerAt(broker.url, { session: true });
    let room = 3;
    const kept: number[] = [];
    const full: Sink = {
      accounts: [],
      write: (entry) => {
        if (room === 0) throw new Error('no space');
        room -= 1;
        if (entry.kind === 'data') kept.push(...entry.fresh.map(({ seq }) => seq));
      },
      close: () => undefined,
    };
    await using failing = await runningCentre({ broker: session, sink: full });
    await Promise.all(hundreds(0, 1000).map((covers) => publish(client, dataMessage(covers))));
    await expect(failing.ended).rejects.toThrow('no space');
    expect(kept.length).toBe(300);

    await using centre = await runningCentre({ broker: session, sink: { ...full, write: () => undefined } });
    const { gateways } = await centre.until(completeUpto(1000), patience());
    expect(gateways[0]?.from).toBeLessThanOrEqual(300);
  });

  test('counts what is no message, and goes on', async () => {
    await using broker = await startMosquitto();
    await using centre = await runningCentre({ broker: brokerAt(broker.url), gateway });
    await using client = await publisher(broker.url);
    const hostile = ['', '{', '[[[[', '{"__proto__":{}}', JSON.stringify({ gateway: 'x', epoch, covers: [0, 1] })];
    for (const body of hostile) await client.publishAsync(topic('live'), body, { qos: 1 });
    await client.publishAsync('weir/1/another/live', payloadOf(dataMessage({ after: 0, upto: 10 })), { qos: 1 });
    await publish(client, dataMessage({ after: 0, upto: 10 }));
    const report = await centre.until(({ received }) => received > 0, patience());
    expect(report).toMatchObject({ complete: false, received: 10, rejected: { count: 4 } });
    expect(report.rejected.reasons).toEqual({ 'not-json': 2, malformed: 2 });
  });
});
