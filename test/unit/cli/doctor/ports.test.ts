import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtPort, lookAtProcesses } from '../../../../src/cli/doctor/ports.ts';
import type { SerialPortFacts } from '../../../../src/cli/doctor/serial-ports.ts';
import { describeWith } from '../../../support/peers.ts';
import { PtyAdapter } from '../../../support/pty-adapter.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function look(path: string, own: readonly number[] = [process.pid]): Promise<SerialPortFacts> {
  return lookAtPort({ connection: 'basement', path, isUp: false, processes: await lookAtProcesses(), own });
}

test('a path that leads nowhere, and one that leads to a file, are seen for what they are', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  expect(await look(join(folder.path, 'absent'))).toMatchObject({ device: undefined, holders: [] });
  expect(await look(file)).toMatchObject({ device: file, isCharacterDevice: false, accessible: true });
});

test('this process is among those that run', async () => {
  expect((await lookAtProcesses()).has(process.pid)).toBe(true);
});

/** Who holds the port, without socat, which plays it. */
async function holders(path: string, own?: readonly number[]): Promise<SerialPortFacts['holders']> {
  return (await look(path, own)).holders.filter(({ command }) => command !== 'socat');
}

describeWith('socat', 'a port behind a lasting name', () => {
  test('is the device that it leads to', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const facts = await look(adapter.path);
    expect(facts).toMatchObject({ isCharacterDevice: true, accessible: true });
    expect(facts.device).toBe(await adapter.device());
  });

  test('that another program has open is told with that program', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using port = await open(adapter.path, 'r');
    const intruder = spawn('sleep', ['60'], { stdio: [port.fd, 'ignore', 'ignore'] });
    const ended = once(intruder, 'exit');
    await once(intruder, 'spawn');
    try {
      const found = [{ pid: intruder.pid, command: 'sleep' }];
      await expect.poll(() => holders(adapter.path)).toEqual(found);
    } finally {
      intruder.kill();
      await ended;
    }
  });

  test('that only we have open is held by nobody else', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using _port = await open(adapter.path, 'r');
    expect(await holders(adapter.path)).toEqual([]);
    expect((await holders(adapter.path, [])).map(({ pid }) => pid)).toEqual([process.pid]);
  });
});
