import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../src/model/errors.ts';
import { peerPath, testWith } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const folder = new URL('../../systemd/', import.meta.url).pathname;
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

/** All values of a setting in the unit, in their order. */
async function settings(name: string): Promise<readonly string[]> {
  const lines = (await read('weir.service')).split('\n');
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

describe('the unit', () => {
  testWith('systemd-analyze', 'systemd finds nothing to object to', async () => {
    await using scratch = await temporaryFolder();
    const unit = join(scratch.path, 'weir.service');
    // The only thing that a checkout has elsewhere than an installation is the runtime.
    await writeFile(
      unit,
      (await read('weir.service')).replaceAll('/opt/weir/node_modules/.bin/node', process.execPath),
    );
    const { stdout, stderr } = await run(peerPath('systemd-analyze'), ['verify', unit]);
    expect(stdout + stderr).toBe('');
  });

  testWith('systemd-analyze', 'its exposure is 1.5 at most', async () => {
    const unit = join(folder, 'weir.service');
    const { stdout } = await run(peerPath('systemd-analyze'), ['security', '--offline=true', '--no-pager', unit]);
    const [, level] = /Overall exposure level for weir\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(level)).toBeLessThanOrEqual(1.5);
  });

  test('a wrong configuration is not tried again, every other end is', async () => {
    expect(await settings('Restart')).toEqual(['always']);
    expect(await settings('RestartPreventExitStatus')).toEqual([String(errorCodes['configuration-invalid'].exit)]);
    expect(await settings('StartLimitIntervalSec')).toEqual(['0']);
  });

  test('it starts what the installation puts in place', async () => {
    const [command = ''] = await settings('ExecStart');
    expect(command).toBe(
      '/opt/weir/node_modules/.bin/node /opt/weir/dist/src/weir.mjs run --config /etc/weir/weir.yaml',
    );
    expect(await read('weir')).toContain(`exec ${command.replace(/ run .*/, '')} "$@"`);
  });
});

describe('what belongs to the unit', () => {
  testWith(
    ['systemd-sysusers', 'systemd-tmpfiles', 'root'],
    'its user may use serial ports and read its configuration, and nobody else may read that',
    async () => {
      await using root = await temporaryFolder();
      await mkdir(join(root.path, 'etc'));
      await writeFile(join(root.path, 'etc/group'), 'dialout:x:20:\n');
      await writeFile(join(root.path, 'etc/passwd'), '');
      await run(peerPath('systemd-sysusers'), [`--root=${root.path}`, join(folder, 'weir.sysusers')]);
      await run(peerPath('systemd-tmpfiles'), [`--root=${root.path}`, '--create', join(folder, 'weir.tmpfiles')]);

      const user = /^weir:x:(\d+):(\d+):[^:]*:\/var\/lib\/weir:\/usr\/sbin\/nologin$/m;
      const [, uid, gid] = user.exec(await readFile(join(root.path, 'etc/passwd'), 'utf8')) ?? [];
      expect(Number(uid)).toBeGreaterThan(0);
      expect(await readFile(join(root.path, 'etc/group'), 'utf8')).toMatch(/^dialout:x:20:weir$/m);
      const rights = async (path: string): Promise<string> => {
        const { mode, uid: owner, gid: group } = await stat(join(root.path, path));
        return `${(mode & 0o7777).toString(8)} ${owner} ${group}`;
      };
      expect(await rights('etc/weir')).toBe(`750 0 ${gid}`);
      expect(await rights('etc/weir/weir.d')).toBe(`750 0 ${gid}`);
      expect(await rights('etc/weir/secrets')).toBe('700 0 0');
    },
  );

  test('the drivers of every kind of port that can be plugged in are loaded before the unit starts', async () => {
    const modules = (await read('weir.modules-load')).split('\n').filter((line) => /^\w/.test(line));
    const driverOf: Record<string, string | undefined> = { 'char-ttyUSB': 'usbserial', 'char-ttyACM': 'cdc_acm' };
    const ports = (await settings('DeviceAllow')).map((rule) => rule.split(' ')[0] ?? '');
    expect(ports).toEqual(expect.arrayContaining(Object.keys(driverOf)));
    expect(modules).toEqual(ports.flatMap((port) => driverOf[port] ?? []));
  });

  test('every udev rule is a list of matches and assignments, and every jump has its label', async () => {
    const rules = (await read('60-weir-serial.rules')).split('\n').filter((line) => /^[^#]/.test(line));
    const match = String.raw`(?:ACTION|KERNEL|SUBSYSTEMS?|DRIVERS?|ENV\{\w+\})[!=]="[^"]+"`;
    const assignment = String.raw`(?:GROUP|MODE|GOTO|LABEL|ATTR\{\w+\}|ENV\{\w+\})="[^"]+"`;
    for (const rule of rules) expect(rule).toMatch(new RegExp(`^(?:(?:${match}|${assignment})(?:, |$))+$`));
    const labels = rules.flatMap((rule) => /LABEL="(\w+)"/.exec(rule)?.[1] ?? []);
    const jumps = rules.flatMap((rule) => /GOTO="(\w+)"/.exec(rule)?.[1] ?? []);
    expect(labels).toEqual([...new Set(jumps)]);
  });
});

/** A checkout as `npm ci && npm run build` leaves it, but for its size. */
async function builtCheckout(path: string): Promise<void> {
  for (const name of ['dist/src', 'config', 'node_modules/.bin']) await mkdir(join(path, name), { recursive: true });
  await cp(folder, join(path, 'systemd'), { recursive: true });
  await symlink(process.execPath, join(path, 'node_modules/.bin/node'));
  await writeFile(join(path, 'dist/src/weir.mjs'), 'the first');
  await writeFile(join(path, 'package.json'), '{ "name": "weir", "version": "0.1.0" }');
  const lock = {
    name: 'weir',
    version: '0.1.0',
    lockfileVersion: 3,
    packages: { '': { name: 'weir', version: '0.1.0' } },
  };
  await writeFile(join(path, 'package-lock.json'), JSON.stringify(lock));
}

describe('the installation', () => {
  testWith(
    ['systemd-sysusers', 'systemd-tmpfiles', 'root'],
    'puts everything where the unit expects it, and keeps the version before at an upgrade',
    async () => {
      await using scratch = await temporaryFolder();
      const [checkout, root] = [join(scratch.path, 'checkout'), join(scratch.path, 'root')];
      await builtCheckout(checkout);
      await mkdir(join(root, 'etc'), { recursive: true });
      const install = join(checkout, 'systemd/install.sh');
      await run(install, [root]);
      await writeFile(join(checkout, 'dist/src/weir.mjs'), 'the second');
      await run(install, [root]);

      const installed = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
      expect(await installed('opt/weir/dist/src/weir.mjs')).toBe('the second');
      expect(await installed('opt/weir.old/dist/src/weir.mjs')).toBe('the first');
      const places = {
        'weir.service': 'usr/lib/systemd/system/weir.service',
        'weir.sysusers': 'usr/lib/sysusers.d/weir.conf',
        'weir.tmpfiles': 'usr/lib/tmpfiles.d/weir.conf',
        'weir.modules-load': 'usr/lib/modules-load.d/weir.conf',
        '60-weir-serial.rules': 'usr/lib/udev/rules.d/60-weir-serial.rules',
        weir: 'usr/bin/weir',
      };
      for (const [name, place] of Object.entries(places)) expect(await installed(place), place).toBe(await read(name));
      expect((await stat(join(root, 'usr/bin/weir'))).mode & 0o777).toBe(0o755);
      expect(await installed('etc/passwd')).toMatch(/^weir:/m);
      expect((await stat(join(root, 'etc/weir'))).isDirectory()).toBe(true);
    },
  );

  test('a checkout that is not built is refused with what to do', async () => {
    await using scratch = await temporaryFolder();
    await cp(folder, join(scratch.path, 'systemd'), { recursive: true });
    const refused = run(join(scratch.path, 'systemd/install.sh'), [join(scratch.path, 'root')]);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm ci && npm run build'),
    });
  });
});
