import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { Wire, WireListener } from './wire.ts';

const LONGEST_START = 5_000; // milliseconds
const LONGEST_END = 2_000;
const READY = 'starting data transfer loop'; // what socat says at its second level of detail

/**
 * A pseudo-terminal that programs open as a serial port at `link`; the wire is its other end. Node cannot make one: it
 * takes socat. Throws `usage` where that is not installed, `connection-failed` where the link cannot be made.
 */
export async function openPty(link: string, clock: Clock): Promise<Wire> {
  const socat = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${link}`, 'stdio']);
  const late = (): Error => failed(link, 'socat does not start');
  try {
    await withDeadline(started(socat, link), { clock, milliseconds: LONGEST_START, late });
    return new PtyWire(socat, await hold(link), link, clock);
  } catch (error) {
    socat.kill();
    throw error;
  }
}

/** While somebody has it open, a program that closes the port does not end it. */
async function hold(link: string): Promise<FileHandle> {
  try {
    return await open(link, constants.O_RDWR | constants.O_NOCTTY);
  } catch (error) {
    throw failed(link, messageOf(error));
  }
}

async function started(socat: ChildProcessWithoutNullStreams, link: string): Promise<void> {
  let said = '';
  socat.stderr.on('data', (text) => (said += String(text)));
  const failure = new Promise<never>((_resolve, reject) => {
    socat.once('error', () => reject(new GatewayError('usage', 'a pty needs socat: apt-get install socat')));
    socat.once('exit', () => reject(failed(link, said.trim().split('\n').at(-1) ?? 'socat ended')));
  });
  failure.catch(() => undefined); // it ends one day
  while (!said.includes(READY)) await Promise.race([once(socat.stderr, 'data'), failure]);
  socat.removeAllListeners('exit');
}

function failed(link: string, why: string): GatewayError {
  return new GatewayError('connection-failed', `no pty can be made at ${link}: ${why}`);
}

class PtyWire implements Wire {
  readonly #socat: ChildProcessWithoutNullStreams;
  readonly #held: FileHandle;
  readonly #clock: Clock;
  readonly #ended: Promise<unknown>;
  #listener: WireListener | undefined;
  #open = true;

  constructor(socat: ChildProcessWithoutNullStreams, held: FileHandle, link: string, clock: Clock) {
    this.#socat = socat;
    this.#held = held;
    this.#clock = clock;
    this.#ended = once(socat, 'close');
    const lose = (error?: unknown): void => {
      const listener = this.#listener;
      this.destroy();
      const why = error === undefined ? 'is gone: socat ended' : messageOf(error);
      listener?.lost(new GatewayError('connection-lost', `${link} ${why}`));
    };
    socat.stdin.on('error', lose);
    socat.once('exit', () => lose());
  }

  get open(): boolean {
    return this.#open;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
    this.#socat.stdout.on('data', (bytes: Buffer) => this.#listener?.received(bytes));
  }

  send(bytes: Buffer): void {
    this.#socat.stdin.write(bytes);
  }

  destroy(): void {
    this.#listener = undefined;
    if (!this.#open) return;
    this.#open = false;
    this.#socat.kill(); // it removes the link
    this.#held.close().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    const limit = { clock: this.#clock, milliseconds: LONGEST_END, late: hangs };
    await withDeadline(this.#ended, limit).catch(() => this.#socat.kill('SIGKILL'));
  }
}

function hangs(): Error {
  return new Error('socat does not end');
}
