import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check, Finding } from '../../src/cli/doctor/finding.ts';
import { Authority } from '../support/certificates.ts';
import { counterPoints, startCounterMeter, type CounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { briefly } from '../support/findings.ts';
import { freePort } from '../support/free-port.ts';
import { describeWith } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
import { runWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Report = { readonly ok: boolean; readonly findings: readonly Finding[]; readonly checks: readonly Check[] };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(['doctor', ...words], { cwd: folder.path });

/** What it finds, without what only this machine is to blame for. */
async function findings(): Promise<readonly string[]> {
  const { findings: found } = JSON.parse((await weir('--json')).stdout) as Report;
  return found.filter(({ subject }) => !['clock', 'memory', 'processor', 'runtime'].includes(subject)).map(briefly);
}

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => folder[Symbol.asyncDispose]());

describe('without a configuration', () => {
  test('it says so, and still looks at the machine', async () => {
    const { exit, stdout, stderr } = await weir('--config', 'absent.yaml', '--json');
    const report = JSON.parse(stdout) as Report;
    expect([exit, stderr, report.ok]).toEqual([1, '', false]);
    expect(briefly(report.findings[0] as Finding)).toMatch(/^critical configuration: \/.*absent\.yaml does not exist$/);
    expect(report.checks.map(({ name }) => name)).toEqual(['configuration', 'runtime', 'clock']);
  });

  test('every fault of a broken one is told with what to do', async () => {
    await writeFile(join(folder.path, 'broken.yaml'), 'gateway: { id: t }\nconections: {}\n');
    const { exit, stdout } = await weir('--config', 'broken.yaml');
    expect(exit).toBe(1);
    expect(stdout).toContain('✗ configuration  conections: is no known key');
    expect(stdout).toContain('broken.yaml:2:1; the gateway does not start');
    expect(stdout).toContain('→ did you mean connections?');
  });
});

describeWith('openssl', 'with a gateway that has troubles', () => {
  let meter: CounterMeter;
  let daemon: Daemon;

  beforeAll(async () => {
    meter = await startCounterMeter();
    daemon = new Daemon(folder.path);
    const expired = new Authority(folder.path).issue('DNS:gateway', -1);
    const file = (name: string): string => join(folder.path, name);
    await writeFile(file('gw.pem'), expired.certificate);
    await writeFile(file('gw.key'), expired.key, { mode: 0o600 });
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
      destinations: {
        centre: {
          url: `mqtts://127.0.0.1:${nowhere}`,
          tls: { certificate: file('gw.pem'), key: { file: file('gw.key') }, allowInsecure: 'test rig' },
        },
      },
    });
  });

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await meter[Symbol.asyncDispose]();
  });

  /** Of the connection and the destination that lead nowhere. */
  async function states(): Promise<readonly unknown[]> {
    const { connections, destinations } = await (await daemon.control()).status();
    return [connections[1]?.state, destinations[0]?.state];
  }

  test('it tells each of them, the worst first, and that somebody has to come', async () => {
    await expect.poll(states).toEqual(['lost', 'lost']);
    const { exit, stdout } = await runWeir(['doctor'], { cwd: folder.path });
    expect(exit).toBe(1);
    const heads = stdout.split('\n').filter((line) => /^[✗!·] \w/.test(line));
    expect(heads).toContainEqual(expect.stringMatching(/^✗ connection plant {2}lost: .*refuses the connection/));
    expect(heads).toContainEqual(expect.stringMatching(/^✗ destination centre {2}lost for /));
    expect(heads).toContainEqual(expect.stringMatching(/^✗ destination centre .* expired 1d ago$/));
    expect(heads).toContain('! destination centre  the certificate of the far end is not verified');
    const marks = heads.map((line) => '✗!·'.indexOf(line.charAt(0)));
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
    expect(stdout).toMatch(/^✓ journal {8}\/.* free on /m);
    expect(stdout).toMatch(/^\d+ critical, \d+ warnings?, \d+ suggestions?$/m);
  });

  test('it leaves what answers alone', async () => {
    expect((await findings()).filter((line) => /switchroom|main-meter/.test(line))).toEqual([]);
  });

  test('a secret that others can read is found, though the gateway has started', async () => {
    await chmod(join(folder.path, 'gw.key'), 0o644);
    expect(await findings()).toContainEqual(
      expect.stringMatching(/the secret .*gw\.key can be read by others \(mode 0644\)$/),
    );
    await chmod(join(folder.path, 'gw.key'), 0o600);
  });

  test('stopped, it says so, and says no more of what only the gateway knows', async () => {
    await daemon.stop();
    const found = await findings();
    expect(found).toContain('warning gateway: the gateway does not run');
    expect(found.filter((line) => line.includes(' lost'))).toEqual([]);
  });
});
