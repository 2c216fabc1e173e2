import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { peerPath } from './peers.ts';

/** The far side of a pty in the hands of a test; `device` is the near side, as a serial port. */
export class PtyEnd implements AsyncDisposable {
  readonly device: string;
  readonly #socat: ChildProcessWithoutNullStreams;

  private constructor(socat: ChildProcessWithoutNullStreams, device: string) {
    this.#socat = socat;
    this.device = device;
  }

  /** `link` is a path that will lead to the device file. */
  static async open(link: string): Promise<PtyEnd> {
    const socat = spawn(peerPath('socat'), ['-d', '-d', `pty,raw,echo=0,link=${link}`, 'stdio']);
    socat.stdin.on('error', () => undefined); // of bytes that the line did not take before its end
    let said = '';
    while (!said.includes('starting data transfer loop')) said += String((await once(socat.stderr, 'data'))[0]);
    socat.stderr.resume();
    return new PtyEnd(socat, await readlink(link));
  }

  listen(received: (bytes: Buffer) => void): void {
    this.#socat.stdout.on('data', received);
  }

  send(bytes: Buffer): void {
    this.#socat.stdin.write(bytes);
  }

  /** Takes the device file away, whoever has it open. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socat.exitCode !== null || this.#socat.signalCode !== null) return;
    const ended = once(this.#socat, 'close');
    this.#socat.kill('SIGKILL');
    await ended;
  }
}
