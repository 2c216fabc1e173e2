import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peerPath, testWith, type Peer } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

const configuration = `
gateway: { id: harbour-07 }
journal: { path: ./journal }
connections:
  switchroom: { driver: modbus, transport: tcp, host: 127.0.0.1 }
devices:
  main-meter: { connection: switchroom, unit: 1, every: 10s, points: { voltage: { read: holding 0, type: uint16 } } }
  boiler: { connection: switchroom, unit: 2, every: 10s, points: { heat: { read: input 0, type: uint16 }, setpoint: { read: holding 0, type: uint16, write: {} } } }
destinations:
  energy-centre: { url: 'mqtt://127.0.0.1:1883' }
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

/** A folder with a configuration, and with a command `weir` that a shell finds first. */
beforeAll(async () => {
  folder = await temporaryFolder();
  const command = join(folder.path, 'weir');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`);
  await chmod(command, 0o755);
  await writeFile(join(folder.path, 'weir.yaml'), configuration);
});

afterAll(() => folder[Symbol.asyncDispose]());

/** Runs a script in a shell; resolves with the lines it prints. */
function shell(name: Peer, options: readonly string[], script: string): readonly string[] {
  const { stdout, stderr } = spawnSync(peerPath(name), [...options, '-c', script], {
    cwd: folder.path,
    env: { PATH: `${folder.path}:${process.env['PATH']}`, HOME: folder.path, TERM: 'dumb' },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('what can follow', () => {
  test.each([
    ['the name of a command', ['stat'], ['status']],
    [
      'a command below another',
      ['device', ''],
      ['list', 'scan', 'identify', 'browse', 'add', 'read', 'watch', 'write', 'help'],
    ],
    ['a command behind a global option and its value', ['--config', 'weir.yaml', 'device', 'r'], ['read']],
    ['an option', ['status', '--ch'], ['--check']],
    ['a global option', ['device', 'list', '--j'], ['--json']],
    ['a choice', ['completion', 'f'], ['fish']],
    ['a device of the configuration', ['device', 'read', 'm'], ['main-meter']],
    ['a device, as the value of an option', ['watch', '--device', ''], ['main-meter', 'boiler']],
    ['another value of such an option', ['watch', '--device', 'boiler', 'm'], ['main-meter']],
    ['a device by its line and unit', ['device', 'identify', 'switchroom/'], ['switchroom/1', 'switchroom/2']],
    ['a connection', ['device', 'scan', 'sw'], ['switchroom']],
    ['a driver, for a connection that is not configured', ['device', 'scan', 'mod'], ['modbus']],
    ['a driver, where no configuration is', ['--config', '/nowhere', 'device', 'scan', 'mod'], ['modbus']],
    [
      'a point, as the value of an option',
      ['device', 'read', 'boiler', '--point', 'boiler/'],
      ['boiler/heat', 'boiler/setpoint'],
    ],
    ['a point that can be written', ['device', 'write', 'boiler/'], ['boiler/setpoint']],
    ['an order', ['device', 'read', 'switchroom/1', 'holding 0', '--order', 'C'], ['CDAB']],
    ['a parity', ['device', 'scan', 'modbus', '--parity', 'e'], ['even']],
    ['a destination of the configuration', ['destination', 'test', ''], ['energy-centre']],
    ['a profile', ['profile', 'show', 'siemens/mag'], ['siemens/mag6000']],
    ['several profiles', ['simulate', 'eastron/sdm630', 'abb/b2'], ['abb/b21', 'abb/b23']],
    ['a transport of the simulator', ['simulate', '--transport', 'u'], ['udp']],
    ['nothing after a command that takes nothing', ['status', ''], []],
    ['nothing behind a broken configuration', ['--config', '/nowhere', 'device', 'read', ''], []],
  ])('%s', async (_what, words, candidates) => {
    const { exit, stdout, stderr } = await askWeir(['complete', '--', ...words], { cwd: folder.path });
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(candidates);
  });
});

describe('the script for', () => {
  testWith('bash', 'bash is sound, and completes a word', () => {
    expect(shell('bash', [], 'bash -n <(weir completion bash)')).toEqual([]);
    const words = 'COMP_WORDS=(weir device read b); COMP_CWORD=3';
    const completed = shell(
      'bash',
      [],
      `source <(weir completion bash); ${words}; _weir; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    expect(completed).toEqual(['boiler']);
  });

  testWith('zsh', 'zsh is sound, and completes a word', () => {
    expect(shell('zsh', ['-f'], 'zsh -n <(weir completion zsh)')).toEqual([]);
    // Outside of its line editor zsh has no compadd and compdef: these show what they would be given.
    const editor = 'compdef() { }; compadd() { shift; print -rl -- ${(P)1:-${(P)2}} }';
    const words = 'words=(weir device read b); CURRENT=4';
    expect(shell('zsh', ['-f'], `${editor}; source <(weir completion zsh); ${words}; _weir`)).toEqual(['boiler']);
  });

  testWith('fish', 'fish is sound, and completes a word', () => {
    expect(shell('fish', ['--no-config'], 'weir completion fish | fish --no-execute')).toEqual([]);
    const completed = shell('fish', ['--no-config'], 'weir completion fish | source; complete -C "weir device read b"');
    expect(completed).toEqual(['boiler']);
  });
});
