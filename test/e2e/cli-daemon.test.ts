import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { counterPoints, startCounterMeter, type CounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { testWith } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
import { runWeir, startWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meter: CounterMeter;
let daemon: Daemon;

/** One meter that answers, one connection and one destination that lead nowhere. */
beforeAll(async () => {
  folder = await temporaryFolder();
  meter = await startCounterMeter();
  daemon = new Daemon(folder.path);
  const nowhere = await freePort();
  await daemon.start({
    connections: {
      switchroom: { driver: 'modbus', host: '127.0.0.1', port: meter.port },
      plant: { driver: 'modbus', host: '127.0.0.1', port: nowhere },
    },
    devices: {
      'main-meter': { connection: 'switchroom', unit: 255, every: '100ms', points: counterPoints(3) },
      pump: { connection: 'plant', unit: 1, every: '100ms', points: counterPoints(1) },
    },
    destinations: { centre: { url: `mqtt://127.0.0.1:${nowhere}` } },
  });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await meter[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

describe('while the daemon runs', () => {
  test('status says first what is lost, and --check makes that the exit code', async () => {
    await daemon.until('connection plant is lost');
    expect((await weir('status', '--check', '--quiet')).exit).toBe(1);
    const { exit, stdout } = await weir('status');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^test  up /);
    expect(stdout).toMatch(/^✗ connection plant: .*refuses the connection/m);
    expect(stdout).toMatch(/^main-meter +switchroom +up /m);
  });

  test('status tells programs everything that the gateway says of itself', async () => {
    const status = JSON.parse((await weir('status', '--json')).stdout);
    expect(status).toMatchObject({
      gateway: 'test',
      configuration: daemon.file,
      connections: [{ id: 'switchroom', state: 'up' }, { id: 'plant' }],
      devices: [{ id: 'main-meter', points: 3, responseTime: { median: expect.any(Number) } }, { id: 'pump' }],
      journal: { path: daemon.journal, last: expect.any(Number), destinations: [{ name: 'centre' }] },
      destinations: [{ name: 'centre', delivered: 0, pending: expect.any(Number) }],
    });
  });

  test('device read goes through it, ahead of the polls', async () => {
    const { exit, stdout } = await weir('device', 'read', 'main-meter', '--point', 'counter-1', '--json');
    expect([exit, JSON.parse(stdout)]).toEqual([
      0,
      [{ point: 'main-meter/counter-1', value: expect.any(Number), quality: 'good', time: expect.any(String) }],
    ]);
  });

  test('device read of what it cannot reach says why', async () => {
    const { exit, stderr } = await weir('device', 'read', 'pump');
    expect([exit, stderr]).toEqual([69, expect.stringContaining('connection plant: ')]);
  });

  test('watch shows readings as they come, of one point, until a reader such as head has seen enough', async () => {
    const shell = spawn(
      'sh',
      ['-c', `"$0" "$1" watch --point main-meter/counter-2 --json | head -n 3`, process.execPath, launcher],
      {
        cwd: folder.path,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
    const readings = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(stderr).toBe('');
    expect(readings.map(({ point }) => point)).toEqual(Array(3).fill('main-meter/counter-2'));
    expect(readings[2].value).toBeGreaterThan(readings[0].value);
  });

  test('watch ends well on Ctrl-C', async () => {
    const watching = startWeir(['watch', '--device', 'main-meter'], { cwd: folder.path });
    const [first] = await once(watching.stdout, 'data');
    expect(String(first)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z main-meter\/counter-\d \d+$/m);
    watching.kill('SIGINT');
    await expect(once(watching, 'exit')).resolves.toEqual([0, null]);
  });

  test.each([
    [['--device', 'boiler'], 'there is no device boiler; there are: main-meter, pump'],
    [['--point', 'main-meter/heat'], 'there is no point main-meter/heat'],
  ])('watch does not wait for what does not exist: %j', async (words, message) => {
    const { exit, stderr } = await weir('watch', ...words);
    expect([exit, stderr]).toEqual([64, expect.stringContaining(message)]);
  });

  testWith('script', 'watch on a terminal is a table that is redrawn, on a screen of its own', async () => {
    const command = `'${process.execPath}' '${launcher}' watch --device main-meter`;
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: folder.path,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    for await (const chunk of terminal.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      shown += chunk;
      if (/(main-meter\/counter-2 .*){2}/s.test(shown)) break;
    }
    const left = text(terminal.stdout);
    terminal.stdin.write('\u0003'); // Ctrl-C, as typed
    await expect(left).resolves.toMatch(/\[\?1049l/);
    expect(shown).toMatch(/\[\?1049h.*point +value +quality +time/s);
  });

  test('journal status is what it says', async () => {
    const { exit, stdout } = await weir('journal', 'status');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^journal {2}\/.*readings, /);
    expect(stdout).not.toContain('stopped');
  });

  test('a second daemon is refused, and told to try later', async () => {
    const { exit, stderr } = await runWeir(['run'], { cwd: folder.path });
    expect([exit, stderr]).toEqual([75, expect.stringContaining(daemon.journal)]);
    expect((await weir('status')).exit).toBe(0);
  });

  test('its socket is for its user only', async () => {
    expect((await stat(join(daemon.journal, 'control.sock'))).mode & 0o777).toBe(0o600);
  });
});

describe('after it was told to stop', () => {
  beforeAll(async () => {
    expect(await daemon.stop('SIGTERM')).toBe(0);
  });

  test('its socket is gone, and its log says that it stopped', async () => {
    expect(await readdir(daemon.journal)).not.toContain('control.sock');
    expect(daemon.log).toContain('gateway test stopped');
  });

  test.each([['status'], ['watch']])('%s says that no daemon runs', async (command) => {
    const { exit, stdout, stderr } = await weir(command);
    expect([exit, stdout, stderr]).toEqual([69, '', expect.stringMatching(/no daemon answers on .*\n→ Start it with/)]);
  });

  test('journal status still tells what the journal holds', async () => {
    const { exit, stdout } = await weir('journal', 'status', '--json');
    const status = JSON.parse(stdout);
    expect(exit).toBe(0);
    expect(status).toMatchObject({ path: daemon.journal, destinations: [{ name: 'centre', pending: status.last }] });
    expect(status.last).toBeGreaterThan(0);
    expect((await weir('journal', 'status')).stdout).toContain('the daemon is stopped');
  });

  test('device read reaches the meter by itself', async () => {
    const { exit, stdout } = await weir('device', 'read', 'main-meter', '--json');
    expect([exit, JSON.parse(stdout).length]).toEqual([0, 3]);
  });
});

test('a daemon with nothing to read yet runs until it is told to stop', async () => {
  await using empty = await temporaryFolder();
  await using idle = new Daemon(empty.path);
  await idle.start({});
  const control = await idle.control();
  await expect(control.status()).resolves.toMatchObject({ connections: [], destinations: [] });
  expect(await idle.stop('SIGTERM')).toBe(0);
});
