import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataMessage } from '../support/centre-messages.ts';
import { startCentre, untilStored } from '../support/centre-process.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { hundreds, publish, publisher } from '../support/publishing.ts';
import { runWeir } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeWith(['mosquitto', 'postgres'], 'weir centre with a store', () => {
  let server: Postgres;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);

  afterAll(() => server[Symbol.asyncDispose]());

  test('a hole is told by the report, and by its exit code', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto();
    await using client = await publisher(broker.url);
    const store = join(folder.path, 'readings.db');
    const centre = await startCentre(['--url', broker.url, '--store', store]);
    const [first, , third] = hundreds(0, 300);
    for (const covers of [first, third]) if (covers !== undefined) await publish(client, dataMessage(covers));
    await untilStored(store, ({ received }) => received === 200);
    expect((await centre.kill('SIGINT')).exit).toBe(1);
    const { exit, stdout } = await runWeir(['centre', 'report', '--store', store]);
    expect(exit).toBe(1);
    expect(stdout).toContain(
      'missing   harbour-07: 101…200, taken between 2026-11-22T09:15:00.100Z and 2026-11-22T09:15:00.201Z',
    );
  });

  test('what makes no sense is refused', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'readings.db');
    expect(await runWeir(['centre', 'report'])).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('--store is missing'),
    });
    expect(await runWeir(['centre', 'report', '--store', file])).toMatchObject({ exit: 64 });
    expect(await runWeir(['centre', '--share', 'city', '--store', file])).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('needs --store with a PostgreSQL url'),
    });
    expect(await runWeir(['centre', '--share', 'city', '--store', await server.database()])).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('needs --client-id'),
    });
    expect(await runWeir(['centre', '--share', 'a/b'])).toMatchObject({ exit: 64 });
  });

  test('the schema that it prints is the one that it works on', async () => {
    const url = await server.database();
    const { stdout } = await runWeir(['centre', 'schema']);
    await server.query(url, stdout);
    expect(await runWeir(['centre', 'report', '--store', url])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('nothing was received'),
    });
  });
});
