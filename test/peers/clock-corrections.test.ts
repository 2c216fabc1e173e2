import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { openSqlite } from '../../src/centre/sinks/sqlite.ts';
import type { Driver } from '../../src/collect/driver.ts';
import { EARLIEST_TIME, systemClock, type Clock } from '../../src/model/clock.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { brokerAt, runningCentre, type RunningCentre } from '../support/running-centre.ts';
import { goodReadings, scriptedDriver } from '../support/scripted-driver.ts';
import { startedGateway, type StartedGateway } from '../support/started-gateway.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A machine without a battery begins in 1970 (failure tests 39 and 41). What went out meanwhile is put right at the centre.

const forEver = new AbortController().signal;
const CLOSE = 50; // milliseconds that a corrected time may be wrong

/** The clock of a machine that begins in 1970, until it is told the time. */
function wrongClock(): Clock & { tell(): void } {
  let isTold = false;
  return {
    monotonic: () => systemClock.monotonic(),
    wall: () => (isTold ? systemClock.wall() : systemClock.monotonic()),
    after: (milliseconds, action) => systemClock.after(milliseconds, action),
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds, signal),
    tell: () => {
      isTold = true;
    },
  };
}

/** Counts its reads, and knows when each truly was. */
function countingDriver(): { driver: Driver; truth: Map<number, number> } {
  const truth = new Map<number, number>();
  const driver = scriptedDriver({
    read: (_device, points, { clock }) => {
      truth.set(truth.size + 1, systemClock.wall());
      return Promise.resolve(goodReadings(points, truth.size, clock.monotonic()));
    },
  });
  return { driver, truth };
}

function gatewayWithoutTime(broker: Mosquitto, driver: Driver, clock: Clock, folder: string): Promise<StartedGateway> {
  const sections = {
    clock: { hold: '0s' },
    connections: { bus: { driver: 'scripted' } },
    devices: { meter: { connection: 'bus', every: '50ms', points: { count: { unit: '1' } } } },
    destinations: { centre: { url: broker.url } },
  };
  return startedGateway(driver, sections, { clock, folder });
}

const estimated = (centre: RunningCentre): number => centre.report().gateways[0]?.clock['estimated'] ?? 0;

type Row = { time: string; value: number; quality: string; reason: string | null; clock: string | null };

function rowsOf(file: string): readonly Row[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare<[], Row>('SELECT time, value, quality, reason, clock FROM readings ORDER BY seq').all();
  } finally {
    database.close();
  }
}

function expectTrueTimes(rows: readonly Row[], truth: ReadonlyMap<number, number>): void {
  for (const { time, value, quality, reason, clock } of rows) {
    expect(Math.abs(Date.parse(time) - (truth.get(value) ?? 0))).toBeLessThan(CLOSE);
    expect([quality, reason, clock]).toEqual(['good', null, 'assumed']);
  }
}

testWith(
  'mosquitto',
  'what was sent before the time was known gets the true time at the centre, and keeps the mark',
  async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'readings.sqlite');
    await using broker = await startMosquitto();
    const sink = openSqlite(file);
    await using centre = await runningCentre({ broker: brokerAt(broker.url), sink });
    const clock = wrongClock();
    const { driver, truth } = countingDriver();
    await using _gateway = await gatewayWithoutTime(broker, driver, clock, join(folder.path, 'gateway'));
    await centre.until(() => estimated(centre) > 10, forEver);
    for (const { time, quality, reason, clock: state } of rowsOf(file)) {
      expect(Math.abs(Date.parse(time) - EARLIEST_TIME)).toBeLessThan(60_000);
      expect([quality, reason, state]).toEqual(['uncertain', 'time', 'estimated']);
    }
    clock.tell();
    await centre.until(
      ({ gateways }) => (gateways[0]?.corrected ?? 0) > 10 && (gateways[0]?.clock['assumed'] ?? 0) > 5,
      forEver,
    );
    const report = centre.report();
    const rows = rowsOf(file);
    expect(rows.length).toBeGreaterThan(15);
    expectTrueTimes(rows, truth);
    expect(report).toMatchObject({ complete: true, conflicting: 0 });
  },
);

testWith('mosquitto', 'also what a gateway sent that was restarted before it knew the time', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'readings.sqlite');
  await using broker = await startMosquitto();
  const { driver, truth } = countingDriver();
  const clock = wrongClock();
  {
    await using centre = await runningCentre({ broker: brokerAt(broker.url), sink: openSqlite(file) });
    await using _gateway = await gatewayWithoutTime(broker, driver, clock, join(folder.path, 'gateway'));
    await centre.until(() => estimated(centre) > 10, forEver);
  }
  // What the next centre goes on with does not say which of its readings were doubtful: the database does.
  await using centre = await runningCentre({ broker: brokerAt(broker.url), sink: openSqlite(file) });
  await using _gateway = await gatewayWithoutTime(broker, driver, clock, join(folder.path, 'gateway'));
  await centre.until(() => estimated(centre) > 10, forEver);
  clock.tell();
  await centre.until(({ gateways }) => (gateways[0]?.clock['assumed'] ?? 0) > 5, forEver);
  const rows = rowsOf(file);
  expect(rows.length).toBeGreaterThan(25);
  expectTrueTimes(rows, truth);
  expect(centre.report()).toMatchObject({ complete: true, conflicting: 0 });
});
