import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataMessage } from '../support/centre-messages.ts';
import { startCentre, untilStored } from '../support/centre-process.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { hundreds, publish, publisher } from '../support/publishing.ts';
import { askWeir } from '../support/kept-weir.ts';
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
    const { exit, stdout } = await askWeir(['centre', 'report', '--store', store]);
    expect(exit).toBe(1);
    expect(stdout).toContain(
      'missing   harbour-07: 101…200, taken between 2026-11-22T09:15:00.100Z and 2026-11-22T09:15:00.201Z',
    );
  }, 60_000);

  test.each([
    { words: ['report'], why: '--store is missing' },
    { words: ['report', '--store', '/nowhere/readings.db'], why: '/nowhere/readings.db' },
    { words: ['--share', 'city', '--store', 'readings.db'], why: 'needs --store with a PostgreSQL url' },
    { words: ['--share', 'city', '--store', 'postgres://localhost/city'], why: 'needs --client-id' },
    { words: ['--share', 'a/b'], why: 'a name without / + and #' },
  ])(
    '$words is refused: $why',
    async ({ words, why }) => {
      const { exit, stderr } = await askWeir(['centre', ...words]);
      expect({ exit, stderr }).toEqual({ exit: 64, stderr: expect.stringContaining(why) });
    },
    60_000,
  );

  test('the schema that it prints is the one that it works on', async () => {
    const url = await server.database();
    const { stdout } = await askWeir(['centre', 'schema']);
    await server.query(url, stdout);
    expect(await askWeir(['centre', 'report', '--store', url])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('nothing was received'),
    });
  }, 60_000);
});
