import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeRs485 } from '../../src/wire/rs485.ts';
import { describeWith, peerPath, testWith } from '../support/peers.ts';
import { PtyAdapter } from '../support/pty-adapter.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = new URL('../support/serial-process.ts', import.meta.url).pathname;

type Outcome = { readonly outcome: string; readonly steps: readonly number[] };

/** Runs a task of serial-process.ts under another command, with so many threads for calls that may wait. */
async function run(task: string, path: string, under: readonly string[] = [], threads = 2): Promise<Outcome> {
  const [command, ...words] = [...under, process.execPath, program, task, path];
  const child = spawn(command, words, {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [said] = await once(child.stdout, 'data');
  child.kill('SIGKILL'); // strace would wait for the call that it delays
  await exited;
  return JSON.parse(String(said)) as Outcome;
}

/** strace over the calls named so on one file; `faults` as `-e inject=` takes them. */
function strace(call: string, device: string, faults: string, log = '/dev/null'): readonly string[] {
  const inject = faults === '' ? [] : ['-e', `inject=${call}:${faults}`];
  return [peerPath('strace'), '-f', '-qq', '-o', log, '-P', device, '-e', `trace=${call}`, ...inject];
}

const HANG = 'delay_enter=60000000'; // microseconds

describeWith(['socat', 'strace'], 'a driver that hangs', () => {
  test('in a close costs two seconds, and the port is left alone while it hangs', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const { outcome, steps } = await run('close', adapter.path, strace('close', await adapter.device(), HANG));
    expect(outcome).toMatch(/does not open within 300 ms: its driver hangs$/);
    expect(steps[0]).toBeGreaterThan(1_900);
    expect(steps[0]).toBeLessThan(3_000);
    expect(steps[1]).toBeLessThan(1_000);
  });

  test('in a drain loses the wire a second later, and the port is left within two more', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using folder = await temporaryFolder();
    const device = await adapter.device();
    const log = join(folder.path, 'calls');
    // strace counts the calls of each thread by itself.
    expect((await run('drain', adapter.path, strace('ioctl', device, '', log), 1)).outcome).toBe('done');
    const drain = 1 + (await callsUntil('TCSBRK', log));
    const { outcome, steps } = await run('drain', adapter.path, strace('ioctl', device, `${HANG}:when=${drain}`), 1);
    expect(outcome).toMatch(/takes no more bytes: its driver hangs, or flow control stops it$/);
    expect(steps[0]).toBeLessThan(2_000);
    expect(steps[1]).toBeLessThan(3_000);
  });

  test('in an open is given up after the timeout', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const { outcome } = await run('open', adapter.path, strace('ioctl', await adapter.device(), HANG));
    expect(outcome).toMatch(/does not open within 1500 ms: its driver hangs$/);
  });
});

/** How many calls of its thread come before the first one of this name. */
async function callsUntil(name: string, log: string): Promise<number> {
  const calls = (await readFile(log, 'utf8')).split('\n').map((line) => line.split(' '));
  const [thread] = calls.find((words) => words.some((word) => word.startsWith(name))) ?? [];
  return calls.filter(([id]) => id === thread).findIndex((words) => words.some((word) => word.startsWith(name)));
}

describeWith('socat', 'RS-485 by the kernel', () => {
  test.each([
    [{ rtsOnSend: true, delayBefore: 0, delayAfter: 0 }, '030000000000000000000000'],
    [{ rtsOnSend: false, delayBefore: 1, delayAfter: 100 }, '050000000100000064000000'],
  ])('%o is these bytes to the kernel', (settings, head) => {
    expect(encodeRs485(settings).toString('hex')).toBe(head.padEnd(64, '0'));
  });

  test('a port that has no such mode says so, and is left open to others', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const { outcome } = await run('rs485', adapter.path);
    expect(outcome).toBe(
      `${adapter.path} (${await adapter.device()}): rs485 cannot be set: this port has no such mode: leave rs485 out, the adapter may turn by itself (ENOTTY)`,
    );
    expect((await run('open', adapter.path)).outcome).toBe('done');
  });

  // The second call of the command is the one that sets the mode; the first only asks whether it has a terminal.
  testWith('strace', 'a port that takes it opens', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const taken = strace('ioctl', await adapter.device(), 'retval=0:when=2');
    expect((await run('rs485', adapter.path, taken)).outcome).toBe('done');
  });

  testWith('strace', 'a driver that can only do the reverse is told apart', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const reversed = strace('ioctl', await adapter.device(), 'retval=0:poke_exit=@arg3=05:when=2');
    expect((await run('rs485', adapter.path, reversed)).outcome).toMatch(
      /its driver cannot drive RTS this way: try rtsOnSend: false$/,
    );
  });
});

testWith(['socat', 'other-users'], 'a port of others names the group to join', async () => {
  await using adapter = await PtyAdapter.plugIn();
  await chmod(await adapter.device(), 0o660);
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  expect((await run('open', await adapter.device(), nobody)).outcome).toMatch(
    /may not be opened by this user; it belongs to the group \w+, which this user has to join: usermod -aG \w+ USER$/,
  );
});
