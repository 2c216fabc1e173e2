import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { openSerial, type SerialWire } from '../../src/wire/serial.ts';
import { peerPath, testWith } from '../support/peers.ts';
import { descriptors, heard, serialTarget } from '../support/serial-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEVER = new AbortController().signal;
const CYCLES = 500;
const MEGABYTE = Buffer.alloc(1_048_576, 'U');
const script = new URL('../support/pty-master.py', import.meta.url).pathname;

/** Adapters that come and go in an instant, each under another device file than the one before. */
function startAdapters() {
  const python = spawn(peerPath('python'), [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(python, 'exit');
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const tell = async (command: string): Promise<string> => {
    python.stdin.write(`${command}\n`);
    const { value } = await lines.next();
    return String(value);
  };
  const end = async (): Promise<void> => {
    python.kill('SIGKILL');
    await ended;
  };
  return { tell, [Symbol.asyncDispose]: end };
}

testWith(
  'python',
  'five hundred times an adapter is pulled out in a read, a write, a drain, and back under another name; nothing is left',
  async () => {
    await using folder = await temporaryFolder();
    await using adapters = startAdapters();
    const link = join(folder.path, 'usb-adapter');
    let last = '';

    /** Under another device file than the last one: the kernel gives the lowest number that is free. */
    async function plugIn(number: number): Promise<{ readonly name: string; readonly device: string }> {
      const same: string[] = [];
      for (;;) {
        const name = `${number}.${same.length}`;
        const device = await adapters.tell(`plug ${name}`);
        if (device !== last) {
          for (const each of same) await adapters.tell(`pull ${each}`);
          last = device;
          return { name, device };
        }
        same.push(name);
      }
    }

    async function begin(number: number, name: string, wire: SerialWire): Promise<void> {
      const occupation = number % 4;
      if (occupation === 1) await adapters.tell(`send ${name}`);
      if (occupation >= 2) wire.send(MEGABYTE);
      if (occupation === 3) wire.drained(NEVER).catch(() => undefined);
    }

    async function cycle(number: number): Promise<void> {
      const { name, device } = await plugIn(number);
      await symlink(device, link);
      await using wire = await openSerial(serialTarget(link), systemClock, NEVER);
      const { lost } = heard(wire);
      await begin(number, name, wire);
      await adapters.tell(`pull ${name}`);
      await unlink(link);
      expect(await lost).toMatchObject({ code: 'connection-lost' });
    }

    for (let number = 0; number < 4; number++) await cycle(number);
    const before = descriptors();
    for (let number = 4; number < CYCLES; number++) await cycle(number);
    expect(descriptors()).toBeLessThanOrEqual(before);
  },
  90_000,
);
