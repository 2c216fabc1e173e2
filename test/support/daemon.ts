import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectControl } from '../../src/control/client.ts';
import type { GatewayControl } from '../../src/control/control.ts';
import { systemClock } from '../../src/model/clock.ts';
import { startWeir } from './run-weir.ts';

type Running = { readonly process: ReturnType<typeof startWeir>; readonly exited: Promise<unknown> };

/** `weir run` in a process of its own, over a folder that outlives it: it can be killed and started again. */
export class Daemon implements AsyncDisposable {
  readonly file: string;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  #running: Running | undefined;
  /** What it wrote to its log, over all its lives. */
  log = '';

  constructor(folder: string, environment: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    this.#environment = environment;
    this.file = join(folder, 'weir.yaml');
  }

  get journal(): string {
    return join(this.#folder, 'journal');
  }

  get pid(): number {
    const { pid } = this.#running?.process ?? {};
    if (pid === undefined) throw new Error('the daemon does not run');
    return pid;
  }

  /** Starts it without waiting for anything; `configuration` replaces the earlier one (JSON is YAML). */
  async launch(configuration?: object): Promise<void> {
    if (configuration !== undefined) {
      const settings = { gateway: { id: 'test' }, journal: { path: this.journal, keep: { size: '1GiB', age: '30d' } } };
      await writeFile(this.file, JSON.stringify({ ...settings, ...configuration }));
    }
    const child = startWeir(['run', '--config', this.file], { env: this.#environment });
    const exited = once(child, 'exit');
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.#running = { process: child, exited };
  }

  /** Starts it, and resolves once its control socket answers. */
  async start(configuration?: object): Promise<void> {
    const earlier = this.log.length;
    await this.launch(configuration);
    await this.until('gateway test started', earlier);
  }

  /** Resolves once its log has `text` in it, behind the first `earlier` characters. */
  async until(text: string, earlier = 0): Promise<void> {
    while (!this.log.includes(text, earlier)) {
      const { process } = this.#running ?? {};
      if (process === undefined || process.exitCode !== null) throw new Error(`the daemon ended: ${this.log}`);
      await Promise.race([once(process.stderr, 'data'), once(process, 'exit')]);
    }
  }

  control(): Promise<GatewayControl> {
    return connectControl(join(this.journal, 'control.sock'), systemClock);
  }

  /** Resolves with its exit code, or the signal's name, once it has ended by itself. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const running = this.#running;
    await running?.exited;
    return running?.process.exitCode ?? running?.process.signalCode ?? null;
  }

  /** Ends it by `signal` and resolves with its exit code, or the signal's name, once it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return null;
    running.process.kill(signal);
    await running.exited;
    return running.process.exitCode ?? running.process.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}
