import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataMessage, gateway } from '../support/centre-messages.ts';
import { startCentre, untilStored, type CentreProcess } from '../support/centre-process.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { hundreds, publish, publisher } from '../support/publishing.ts';
import { runWeir } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The command itself, in processes of its own that are killed without a word.

const PATIENCE = 120_000;

describeWith(['mosquitto', 'postgres'], 'weir centre with a store', () => {
  let server: Postgres;

  beforeAll(async () => {
    server = await startPostgres();
  }, PATIENCE);

  afterAll(() => server[Symbol.asyncDispose]());

  test.each(['SQLite', 'PostgreSQL'])(
    'killed again and again while it writes to %s, misses nothing and has nothing twice',
    async (kind) => {
      await using folder = await temporaryFolder();
      await using broker = await startMosquitto();
      await using client = await publisher(broker.url);
      const store = kind === 'SQLite' ? join(folder.path, 'readings.db') : await server.database();
      const words = ['--url', broker.url, '--client-id', 'archive', '--store', store];
      for (const sent of [0, 5000, 10_000]) {
        const centre = await startCentre(words);
        await Promise.all(hundreds(sent, sent + 5000).map((covers) => publish(client, dataMessage(covers))));
        await centre.kill('SIGKILL');
      }
      const centre = await startCentre(words);
      await untilStored(store, ({ received }) => received === 15_000);
      const { exit } = await centre.kill('SIGINT');
      expect(exit).toBe(0);
      const report = await runWeir(['centre', 'report', '--store', store, '--from-start', '--json']);
      expect(report).toMatchObject({ exit: 0, stderr: '' });
      expect(JSON.parse(report.stdout)).toMatchObject({
        complete: true,
        received: 15_000,
        conflicting: 0,
        gateways: [{ gateway, coverage: 'contiguous', from: 0, upto: 15_000, holes: [] }],
      });
    },
    PATIENCE,
  );

  test(
    'two that share the messages, one of them killed on the way, have everything together',
    async () => {
      await using broker = await startMosquitto();
      await using client = await publisher(broker.url);
      const store = await server.database();
      const start = (id: string): Promise<CentreProcess> =>
        startCentre(['--url', broker.url, '--share', 'city', '--client-id', id, '--store', store]);
      const send = (after: number, upto: number): Promise<unknown> =>
        Promise.all(
          hundreds(after, upto).flatMap((covers) =>
            ['harbour', 'station', 'airport'].map((of) => publish(client, dataMessage(covers, { gateway: of }))),
          ),
        );
      const [one, other] = await Promise.all([start('one'), start('other')]);
      await send(0, 2000);
      await one.kill('SIGKILL');
      await send(2000, 4000);
      const again = await start('one');
      await untilStored(store, ({ received }) => received === 12_000);
      for (const centre of [again, other]) {
        const { exit, output } = await centre.kill('SIGINT');
        expect(exit).toBe(0);
        expect(Number(/this centre received ([\d\s]+) readings/.exec(output)?.[1]?.replace(/\s/g, ''))).toBeGreaterThan(
          0,
        );
      }
      const { exit, stdout } = await runWeir(['centre', 'report', '--store', store, '--from-start']);
      expect({ exit, verdict: stdout.split('\n')[0] }).toEqual({
        exit: 0,
        verdict: '✓ nothing is missing: 12 000 readings',
      });
    },
    PATIENCE,
  );
});
