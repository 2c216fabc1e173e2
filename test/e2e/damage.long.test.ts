import { open, stat } from 'node:fs/promises';
import { expect } from 'vitest';
import { databasePath, logPath } from '../../src/journal/database.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import { counterPoints, startCounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { openTestJournal, pointDefinition, reading, sealed } from '../support/journals.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { brokerAt, runningCentre } from '../support/running-centre.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PATIENCE = 180_000;

/** Overwrites the file from `from` to before `to` with zeros. */
async function wipe(path: string, from: number, to: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(new Uint8Array(to - from), 0, to - from, from);
}

// SQLite keeps two megabytes in memory, where no damage shows.
const LONG = 400;

/** Makes a journal that memory does not hold: a batch has one reading, and that a text of two pages. */
async function fill(path: string): Promise<{ readonly epoch: string; readonly last: number }> {
  await using journal = await openTestJournal(path, { gateway: 'test' });
  await journal.intern([pointDefinition('remark', { type: 'string' })]);
  const texts = Array.from({ length: LONG }, (_, index) => `${index} `.repeat(2_000).slice(0, 9_000));
  await Promise.all(texts.map((text) => journal.append(sealed([reading(text)]))));
  return { epoch: journal.epoch, last: journal.last };
}

function configuration(
  { journal }: Daemon,
  { meter, broker }: { readonly meter: number; readonly broker: string },
): object {
  return {
    journal: { path: journal, keep: { size: '1GiB', age: '30d' }, commit: '20ms' },
    clock: { trusted: true },
    connections: { meter: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter } },
    devices: { counter: { connection: 'meter', every: '20ms', points: counterPoints(10) } },
    destinations: { centre: { url: broker } },
  };
}

/** Whether of each epoch everything up to its `least` is there, or announced as lost. */
const accounted =
  (least: ReadonlyMap<string, number>) =>
  ({ gateways, conflicting }: CentreReport): boolean =>
    conflicting === 0 &&
    [...least].every(([epoch, upto]) =>
      gateways.some((each) => each.epoch === epoch && each.missing === 0 && each.upto >= upto),
    );

testWith(
  'mosquitto',
  'a journal that is damaged between two starts: the gateway collects again, and the centre has all that could be read',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto({ persistence: true });
    await using centre = await runningCentre({ broker: brokerAt(broker.url, { session: true }), fromStart: true });
    await using meter = await startCounterMeter();
    await using daemon = new Daemon(folder.path);
    await broker.stop('SIGTERM');
    await daemon.start(configuration(daemon, { meter: meter.port, broker: broker.url }));
    await meter.untilRead(100);
    const { epoch, last } = (await (await daemon.control()).status()).journal;
    await daemon.stop('SIGKILL');
    await wipe(databasePath(daemon.journal), 0, 100);
    await wipe(logPath(daemon.journal), 0, 5_000);

    await daemon.start();
    await broker.start();
    const control = await daemon.control();
    const { journal } = await control.status();
    expect(journal.epoch).not.toBe(epoch);
    expect(journal.damaged).toMatchObject([{ epoch }]);
    await meter.untilRead(meter.reads + 20);
    const account = new Map([
      [epoch, last],
      [journal.epoch, 100],
    ]);
    const report = await centre.until(accounted(account), AbortSignal.timeout(PATIENCE));
    const old = report.gateways.find((each) => each.epoch === epoch);
    expect(old?.received).toBeGreaterThan(0);
    expect(old?.gaps.every(({ reason }) => reason === 'damaged')).toBe(true);
    await daemon.until('is delivered');
    expect(await daemon.stop()).toBe(0);
  },
  PATIENCE,
);

testWith(
  'mosquitto',
  'a journal that is damaged while the gateway runs: it goes on by itself, and the centre has all that could be read',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto({ persistence: true });
    await using centre = await runningCentre({ broker: brokerAt(broker.url, { session: true }), fromStart: true });
    await using meter = await startCounterMeter();
    await using daemon = new Daemon(folder.path);
    await broker.stop('SIGTERM');
    const { epoch, last } = await fill(daemon.journal);
    await daemon.start(configuration(daemon, { meter: meter.port, broker: broker.url }));
    const { size } = await stat(databasePath(daemon.journal));
    const { pid } = daemon;
    await wipe(databasePath(daemon.journal), Math.floor(size / 8192) * 4096, size);

    const earlier = daemon.log.length;
    await broker.start();
    await daemon.until('gateway test started', earlier);
    expect(daemon.pid).toBe(pid);
    const { journal } = await (await daemon.control()).status();
    expect(journal.damaged).toMatchObject([{ epoch }]);
    const account = new Map([
      [epoch, last],
      [journal.epoch, 10],
    ]);
    const report = await centre.until(accounted(account), AbortSignal.timeout(PATIENCE));
    expect(report.gateways.find((each) => each.epoch === epoch)?.received).toBeGreaterThan(0);
    expect(await daemon.stop()).toBe(0);
  },
  PATIENCE,
);
