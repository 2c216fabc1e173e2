import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { counterPoints, startCounterMeter, type CounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { askWeir } from '../support/kept-weir.ts';
import type { Ended } from '../support/run-weir.ts';
import { startSimulating, type RunningSimulation } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meter: CounterMeter;
let simulation: RunningSimulation;
let daemon: Daemon;

/** A Modbus meter, which has no memory, and a simulated DLMS meter with a load profile. */
beforeAll(async () => {
  folder = await temporaryFolder();
  meter = await startCounterMeter();
  simulation = await startSimulating(['dlms', '--port', '0']);
  daemon = new Daemon(folder.path);
  await daemon.start({
    connections: {
      switchroom: { driver: 'modbus', host: '127.0.0.1', port: meter.port },
      substation: { driver: 'dlms', ...simulation.told.connection },
    },
    devices: {
      'main-meter': { connection: 'switchroom', unit: 255, every: '100ms', points: counterPoints(2) },
      feeder: { connection: 'substation', points: { import: { obis: '1-0:1.8.0', unit: 'kW.h' } } },
    },
  });
  const control = await daemon.control();
  while ((await control.status()).journal.last < 30) await meter.untilRead(meter.reads + 1);
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await simulation[Symbol.asyncDispose]();
  await meter[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

async function lines(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await weir(...words);
  return stdout.split('\n').filter((line) => line !== '');
}

async function readings(...words: readonly string[]) {
  const found: readonly { point: string; time: string; sourceTime?: string; value: number }[] = (
    await lines('history', ...words, '--json')
  ).map((line) => JSON.parse(line));
  return found;
}

describe('while the daemon runs', () => {
  test('history tells programs the readings of one point in their order, or the newest first', async () => {
    const oldest = await readings('main-meter/counter-1', '--limit', '5');
    expect(new Set(oldest.map(({ point }) => point))).toEqual(new Set(['main-meter/counter-1']));
    const values = oldest.map(({ value }) => value);
    expect(values).toHaveLength(5);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    const newest = await readings('main-meter/counter-1', '--limit', '5', '--newest', '--from', '1d');
    const falling = newest.map(({ value }) => value);
    expect(falling).toEqual(falling.toSorted((a, b) => b - a));
    expect(falling[0]).toBeGreaterThan(values[0] ?? Infinity);
  });

  test('history ends where it is told to, and a stretch that is empty is no error', async () => {
    const [, second, third] = await readings('main-meter/counter-0', '--limit', '3');
    const between = await readings('main-meter/counter-0', '--from', `${second?.time}`, '--to', `${third?.time}`);
    expect(between).toEqual([second, third]);
    const empty = await weir('history', 'main-meter', '--from', '2020-01-01', '--to', '2020-01-01T12:00');
    expect(empty).toEqual({
      exit: 0,
      stdout: '',
      stderr: 'there is nothing of main-meter from 2020-01-01T00:00:00.000Z to 2020-01-01T12:00:00.000Z\n',
    });
  });

  test('history is a table for people, which says where it is not all, and CSV for spreadsheets', async () => {
    const shown = await weir('history', 'main-meter', '--limit', '4');
    const [heading, ...rows] = shown.stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^time +point +value +quality +reason$/);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^20\S+Z +main-meter\/counter-[01] +\d+ +good$/);
    expect(shown.stderr).toMatch(/^there are more than 4: /);
    const [names, first] = await lines('history', 'main-meter', '--csv', '--limit', '1');
    expect(names).toBe('time,point,value,quality,reason,source_time,unit,state');
    expect(first).toMatch(/^20[^,]+Z,main-meter\/counter-[01],\d+,good,,,,$/);
  });

  test('history of what a device has kept comes with the times of its own clock', async () => {
    const span = ['--from', '6h', '--to', '1h', '--from-device'];
    const kept = await readings('feeder', ...span);
    expect(kept).toHaveLength(20); // quarters of an hour
    const times = kept.map(({ sourceTime }) => Date.parse(sourceTime ?? ''));
    expect(new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)))).toEqual(new Set([900_000]));
    expect(kept[0]).toMatchObject({ point: 'feeder/import', unit: 'kW.h', quality: 'good', reason: 'historical' });
    const newest = await readings('feeder/import', ...span, '--newest', '--limit', '2');
    const facts = newest.map(({ sourceTime, value }) => ({ sourceTime, value }));
    expect(facts).toEqual([kept[19], kept[18]].map((each) => ({ sourceTime: each?.sourceTime, value: each?.value })));
    expect((await weir('history', 'feeder', ...span)).stdout).toMatch(/^time +device time +point /);
  });

  test.each([
    [64, 'nothing can be read back over modbus: its devices keep nothing', ['main-meter', '--from-device']],
    [64, 'there is no device attic; there are: main-meter, feeder', ['attic', '--from-device']],
    [64, 'the journal knows nothing of attic; there are: main-meter, feeder', ['attic']],
    [64, 'the journal knows nothing of feeder/x; there are: feeder/import', ['feeder/x']],
    [64, '--from is 2026-01-02T00:00:00.000Z, which is after --to', ['feeder', '--from=2026-01-02', '--to=2026-01-01']],
    [64, '--csv and --json exclude each other', ['feeder', '--csv', '--json']],
  ])('history says what is wrong: exit %i, %s', async (exit, message, words) => {
    const ended = await weir('history', ...words);
    expect([ended.exit, ended.stdout]).toEqual([exit, '']);
    expect(ended.stderr).toContain(message);
  });

  test('the names of devices and points are completed', async () => {
    expect(await lines('complete', '--', 'history', 'main')).toEqual([
      'main-meter',
      'main-meter/counter-0',
      'main-meter/counter-1',
    ]);
  });
});

test('once the daemon is stopped, history reads the files of its journal, and leaves them as they are', async () => {
  const before = await readings('main-meter', '--limit', '20', '--from', '1d');
  expect(await daemon.stop()).toBe(0);
  expect(await readings('main-meter', '--limit', '20', '--from', '1d')).toEqual(before);
  await daemon.start();
});
