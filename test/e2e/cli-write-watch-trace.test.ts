import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTrace } from '../../src/wire/trace-text.ts';
import { enterBasement, type Basement } from '../support/basement.ts';
import { startWeir } from '../support/run-weir.ts';

let basement: Basement;

beforeAll(async () => {
  basement = await enterBasement();
});

afterAll(() => basement[Symbol.asyncDispose]());

describe('weir device write', () => {
  test('shows what is there, writes in the unit of the point, and shows what is read back', async () => {
    const { exit, stdout, stderr } = await basement.weir('device', 'write', 'boiler/setpoint', '55.5', '--yes');
    expect([exit, stdout, stderr]).toEqual([0, '✓ boiler/setpoint is 55.5 °C now\n', 'boiler/setpoint is 45 °C\n']);
    expect(basement.meter.register(120)).toBe(555);
  });

  test('tells programs what was, what was written, and what is', async () => {
    const { stdout } = await basement.bare(
      'device',
      'write',
      'modbus/7',
      'holding 120',
      '21.5',
      '--type',
      'int16',
      '--scale',
      '0.1',
      '--yes',
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual({
      point: 'modbus/7 holding 120',
      before: expect.any(Number),
      written: 21.5,
      after: 21.5,
    });
    expect(basement.meter.register(120)).toBe(215);
  });

  test('switches a coil', async () => {
    expect(await basement.weir('device', 'write', 'boiler/on', 'on', '--yes')).toMatchObject({
      exit: 0,
      stdout: '✓ boiler/on is true now\n',
    });
    expect(await basement.bare('device', 'write', 'modbus/7', 'coil 3', 'off', '--yes')).toMatchObject({
      exit: 0,
      stdout: '✓ modbus/7 coil 3 is false now\n',
    });
  });

  test('that the device takes differently fails, with both values', async () => {
    const { exit, stdout, stderr } = await basement.weir('device', 'write', 'boiler/limited', '500', '--yes');
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/boiler\/limited: wrote 500, the device holds 100\n→ The device took another value/);
  });

  test('that the device refuses fails, and says so', async () => {
    const words = ['device', 'write', 'basement/7', 'holding 104', '1', '--type', 'int16', '--yes'];
    const { exit, stdout, stderr } = await basement.weir(...words);
    expect([exit, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/the device answers exception 2 \(no such address\)\n→ The device has no such/),
    ]);
  });
});

describe('weir device watch', () => {
  test('shows each value that changed, until Ctrl-C', async () => {
    const words = [
      'device',
      'watch',
      'basement/7',
      'holding 104',
      'holding 130',
      '--type',
      'uint16',
      '--every',
      '100ms',
      '--json',
    ];
    const watching = startWeir(words, { cwd: basement.folder });
    const exited = once(watching, 'exit');
    const seen: { readonly point: string; readonly value: number; readonly changes: number }[] = [];
    for await (const line of createInterface({ input: watching.stdout })) {
      if (seen.push(JSON.parse(line)) === 4) watching.kill('SIGINT');
    }
    await expect(exited).resolves.toEqual([0, null]);
    expect(seen.filter(({ point }) => point === 'holding 104')).toHaveLength(1);
    const counted = seen.filter(({ point }) => point === 'holding 130');
    expect(counted.slice(0, 3).map(({ changes }) => changes)).toEqual([0, 1, 2]);
    expect(counted[1]?.value).toBe((counted[0]?.value ?? NaN) + 1);
  });

  test('shows points of a configured device as lines', async () => {
    const watching = startWeir(['device', 'watch', 'boiler', '--point', 'voltage'], { cwd: basement.folder });
    const exited = once(watching, 'exit');
    const [first] = await once(watching.stdout, 'data');
    expect(String(first)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z boiler\/voltage 230\.\d+ V\n$/);
    watching.kill('SIGTERM');
    await expect(exited).resolves.toEqual([0, null]);
  });
});

describe('weir trace', () => {
  test('shows what is asked and answered while the configured devices are read once', async () => {
    const { exit, stdout, stderr } = await basement.weir('trace', 'basement', '--poll');
    expect(exit).toBe(0);
    const frames = stdout.trimEnd().split('\n');
    const asked = frames.findIndex((line) => /^\d\d:\d\d:\d\d\.\d{3} → .*holding 100.* {2}[0-9a-f]{2} /.test(line));
    expect(asked).toBeGreaterThanOrEqual(0);
    expect(frames[asked + 1]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ← /);
    expect(stderr).toContain(`\n${frames.length} frames\n`);
  });

  test('of a line that cannot be had says why', async () => {
    const { exit, stdout, stderr } = await basement.weir('trace', 'nobody/1', 'holding 1');
    expect([exit, stdout, stderr]).toEqual([69, '', expect.stringContaining('refuses the connection')]);
  });

  test('shows all bytes where asked, and records them for a replay', async () => {
    const { exit, stdout } = await basement.bare(
      'trace',
      'modbus/7',
      'holding 104',
      '--type',
      'uint16',
      '--hex',
      '--save',
      'x1.trace',
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ {15}([0-9a-f]{2} ){2}.*$/m);
    const path = join(basement.emptyFolder, 'x1.trace');
    const recorded = parseTrace(await readFile(path, 'utf8'), path);
    expect(recorded).toMatchObject({
      driver: 'modbus',
      transport: 'tcp',
      settings: { host: '127.0.0.1', port: basement.meter.port },
    });
    expect(recorded.frames.map(({ direction }) => direction)).toEqual(['sent', 'received']);
    expect(recorded.frames[1]?.bytes.toString('hex')).toMatch(/08fd/); // 2301
  });
});
