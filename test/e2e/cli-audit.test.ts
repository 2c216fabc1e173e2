import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommissionedMeter, type CommissionedMeter } from '../support/commissioned-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { askWeir } from '../support/kept-weir.ts';
import type { Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let meter: CommissionedMeter;
let daemon: Daemon;

/** A gateway that a technician writes a setpoint through, allowed and not allowed. */
beforeAll(async () => {
  folder = await temporaryFolder();
  meter = await startCommissionedMeter();
  daemon = new Daemon(folder.path);
  await daemon.start({
    connections: { basement: { driver: 'modbus', host: '127.0.0.1', port: meter.port } },
    devices: {
      boiler: {
        connection: 'basement',
        unit: 7,
        points: {
          setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } },
        },
      },
    },
    destinations: {
      centre: { url: 'mqtts://127.0.0.1:1', tls: { allowInsecure: 'the test has no authority' } },
    },
  });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await meter[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

async function entries(...words: readonly string[]): Promise<readonly { event: string; detail: object }[]> {
  const { stdout } = await weir('audit', 'show', '--json', ...words);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('the gateway keeps with which configuration it started, what is not verified, and every write', async () => {
  await expect.poll(async () => (await weir('device', 'write', 'boiler/setpoint', '55', '--yes')).exit).toBe(0);
  const checked = JSON.parse((await weir('config', 'check', '--json')).stdout);
  const kept = await entries();
  expect(kept.map(({ event }) => event).filter((event) => event !== 'write-failed')).toEqual([
    'configuration-loaded',
    'verification-off',
    'gateway-started',
    'point-written',
  ]);
  expect(kept[0]?.detail).toEqual({ file: daemon.file, hash: checked.hash });
  expect(kept[1]?.detail).toEqual({ of: 'destination centre', reason: 'the test has no authority' });
  expect(kept.at(-1)?.detail).toEqual({ device: 'boiler', values: 'boiler/setpoint = "55"' });
  expect(await entries('--event', 'point-written', '--last', '1')).toEqual(kept.slice(-1));
});

test('status says what is not verified, and how the log stands', async () => {
  const status = JSON.parse((await weir('status', '--json')).stdout);
  expect(status.insecure).toEqual([{ of: 'destination centre', reason: 'the test has no authority' }]);
  expect(status.audit).toMatchObject({
    path: join(daemon.journal, 'audit.log'),
    number: expect.any(Number),
    error: null,
  });
  expect((await weir('status')).stdout).toContain('! destination centre is not verified: the test has no authority');
});

test('verify proves it, shows the head, and names the first line that somebody changed', async () => {
  const sound = await weir('audit', 'verify');
  expect(sound.exit).toBe(0);
  expect(sound.stdout).toMatch(
    /^✓ .*audit\.log: entries 1 to \d+ are as they were written\n {2}head \d+:[0-9a-f]{64}$/m,
  );
  const head = /head (\S+)/.exec(sound.stdout)?.[1] ?? '';

  const text = await readFile(join(daemon.journal, 'audit.log'), 'utf8');
  const copy = join(folder.path, 'copy.log');
  await writeFile(copy, text.replace('setpoint = \\"55\\"', 'setpoint = \\"15\\"'));
  const changed = await weir('audit', 'verify', copy);
  expect(changed.exit).toBe(1);
  expect(changed.stdout).toMatch(/^✗ .*copy\.log:\d+: edited: /);

  await writeFile(copy, text.split('\n').slice(0, 2).join('\n') + '\n');
  expect((await weir('audit', 'verify', copy)).exit).toBe(0);
  const truncated = JSON.parse((await weir('audit', 'verify', copy, '--head', head, '--json')).stdout);
  expect(truncated).toMatchObject({ from: 1, to: 2, fault: { kind: 'truncated', line: 2 } });
});

test('while the gateway runs its own head is asked for: a tail cut off behind its back is seen', async () => {
  const path = join(daemon.journal, 'audit.log');
  const [text, head] = await Promise.all([readFile(path, 'utf8'), readFile(`${path}.head`, 'utf8')]);
  await writeFile(path, text.split('\n').slice(0, 2).join('\n') + '\n');
  await writeFile(`${path}.head`, '');
  const verified = JSON.parse((await weir('audit', 'verify', '--json')).stdout);
  expect(verified.fault).toMatchObject({ kind: 'truncated' });
  await writeFile(path, text);
  await writeFile(`${path}.head`, head);
});

test('stopping is the last entry, and the next start goes on behind it', async () => {
  expect(await daemon.stop()).toBe(0);
  expect((await entries('--last', '1'))[0]).toMatchObject({ event: 'gateway-stopped', detail: { reason: 'asked to' } });
  await daemon.start();
  expect((await weir('audit', 'verify')).exit).toBe(0);
});

test('a log that does not exist is not taken for one that is sound', async () => {
  const { exit, stderr } = await weir('audit', 'verify', 'nowhere.log');
  expect([exit, stderr]).toEqual([64, expect.stringContaining('there is no audit log nowhere.log')]);
});
