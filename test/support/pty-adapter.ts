import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readlink, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { peerPath } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/**
 * A serial adapter: a pty behind a link that names it as udev would, whose line ends in the hands of a test. Like a
 * real one it gets another device file each time it is plugged in.
 */
export class PtyAdapter implements AsyncDisposable {
  readonly #folder: Folder;
  #socat: ChildProcessWithoutNullStreams | undefined;
  #last: string | undefined;
  #made = 0;
  #received: Buffer = Buffer.alloc(0);
  #heard: (() => void)[] = [];

  private constructor(folder: Folder) {
    this.#folder = folder;
  }

  static async plugIn(): Promise<PtyAdapter> {
    const adapter = new PtyAdapter(await temporaryFolder());
    await adapter.plugIn();
    return adapter;
  }

  /** The name that stays. */
  get path(): string {
    return join(this.#folder.path, 'usb-adapter');
  }

  /** The device file it is now. */
  device(): Promise<string> {
    return readlink(this.path);
  }

  /** All bytes that arrived at the far end so far. */
  get received(): Buffer {
    return this.#received;
  }

  /** Resolves once that many bytes have arrived in all. */
  async untilReceived(count: number): Promise<Buffer> {
    while (this.#received.length < count) await new Promise<void>((resolve) => this.#heard.push(resolve));
    return this.#received;
  }

  /** Sends from the far end. */
  send(bytes: Buffer): void {
    this.#socat?.stdin.write(bytes);
  }

  /** The far end takes no more bytes. */
  stall(): void {
    this.#socat?.kill('SIGSTOP');
  }

  /** Takes the device file away while it is open, and the link. */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (socat === undefined) return;
    const ended = once(socat, 'close');
    socat.kill('SIGKILL');
    await ended;
    await unlink(this.path);
  }

  async plugIn(): Promise<void> {
    const refused: ChildProcessWithoutNullStreams[] = [];
    for (;;) {
      const { socat, device } = await this.#makePty();
      if (device !== this.#last) {
        this.#socat = socat;
        this.#last = device;
        await symlink(device, this.path);
        for (const each of refused) each.kill('SIGKILL');
        return;
      }
      refused.push(socat); // held until there is another one: the kernel gives the lowest number that is free
    }
  }

  async #makePty(): Promise<{ readonly socat: ChildProcessWithoutNullStreams; readonly device: string }> {
    this.#made += 1;
    const own = join(this.#folder.path, `pty-${this.#made}`);
    const socat = spawn(peerPath('socat'), ['-d', '-d', `pty,raw,echo=0,link=${own}`, 'stdio']);
    socat.stdin.on('error', () => undefined); // of bytes that the line did not take before it was unplugged
    socat.stdout.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      for (const tell of this.#heard.splice(0)) tell();
    });
    let said = '';
    while (!said.includes('starting data transfer loop')) said += String((await once(socat.stderr, 'data'))[0]);
    socat.stderr.resume();
    return { socat, device: await readlink(own) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
    await this.#folder[Symbol.asyncDispose]();
  }
}
