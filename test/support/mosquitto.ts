import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import type { OtherHost } from './other-host.ts';
import { peerPath } from './peers.ts';

export type MosquittoOptions = {
  /** Keeps sessions and retained messages over a restart, written after every change. */
  readonly persistence?: boolean;
  /** Further lines of mosquitto.conf: general ones, and those of the only listener. */
  readonly settings?: readonly string[];
  /** By name, written into the broker's folder before it starts. */
  readonly files?: Readonly<Record<string, string>>;
  /** `allow_anonymous`; true by default. */
  readonly anonymous?: boolean;
  /** Where it runs; on this machine's loopback if not given. */
  readonly host?: OtherHost;
};

/** Debian's broker in a process of its own, on a loopback port that stays the same over restarts. */
export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly #host: OtherHost | undefined;
  /** Everything it logged, for messages of failing tests. */
  readonly log: string[] = [];
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string, host?: OtherHost) {
    this.port = port;
    this.folder = folder;
    this.#host = host;
  }

  /** Over the way that is always well, where there are two. */
  get url(): string {
    return `mqtt://${this.#host?.good ?? '127.0.0.1'}:${this.port}`;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const command = [...(this.#host?.prefix ?? []), peerPath('mosquitto'), '-c', join(this.folder, 'mosquitto.conf')];
    const [program = '', ...words] = command;
    const broker = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = broker;
    const lines = createInterface({ input: broker.stderr });
    await new Promise<void>((resolve, reject) => {
      broker.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}: ${this.log.join('\n')}`)));
      lines.on('line', (line) => {
        this.log.push(line);
        if (/mosquitto version \S+ running/.test(line)) resolve();
      });
    });
  }

  /** Ends it by SIGKILL unless told otherwise; resolves once it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const broker = this.#process;
    this.#process = undefined;
    if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return;
    const exited = once(broker, 'exit');
    broker.kill('SIGCONT');
    broker.kill(signal);
    await exited;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** The half-open broker: its connections stay, and nothing answers any more. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Starts a broker with its own folder; `{folder}` in `settings` stands for that folder. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = new Mosquitto(await freePort(), await mkdtemp(join(tmpdir(), 'weir-mosquitto-')), options.host);
  const persistence = ['persistence true', 'persistence_location {folder}/', 'autosave_on_changes true'];
  const configuration = [
    'user root',
    'log_dest stderr',
    `allow_anonymous ${options.anonymous ?? true}`,
    'max_queued_messages 0',
    ...(options.persistence === true ? [...persistence, 'autosave_interval 1'] : []),
    `listener ${broker.port} ${options.host === undefined ? '127.0.0.1' : '0.0.0.0'}`,
    ...(options.settings ?? []),
  ];
  const files = { 'mosquitto.conf': configuration.join('\n'), ...options.files };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(broker.folder, name), text.replaceAll('{folder}', broker.folder), { mode: 0o600 });
  }
  await broker.start();
  return broker;
}
