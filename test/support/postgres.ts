import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { peerPath } from './peers.ts';

const run = promisify(execFile);
// It refuses to run as root.
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Debian's PostgreSQL in a process of its own, on loopback, in a folder: anybody there is its owner `weir`. */
export class Postgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #log: string[] = [];
  #process: ChildProcess | undefined;
  #databases = 0;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const settings = { port: this.#port, listen_addresses: '127.0.0.1', unix_socket_directories: this.#folder };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(peerPath('postgres'), ['-D', join(this.#folder, 'data'), ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.#folder,
      ...NOBODY,
    });
    this.#process = server;
    const lines = createInterface({ input: server.stderr });
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${this.#log.join('\n')}`)));
      lines.on('line', (line) => {
        this.#log.push(line);
        if (line.includes('ready to accept connections')) resolve();
      });
    });
  }

  /** Ends it at once, as a crash would: SIGQUIT lets its children go with it. */
  async stop(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGQUIT');
    await exited;
  }

  /** The url of a new and empty database. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `city${this.#databases}`;
    await this.query(this.#url('postgres'), `CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  async query<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://weir@127.0.0.1:${this.#port}/${database}`;
  }
}

/** Starts a server with its own folder. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-postgres-'));
  if (NOBODY.uid !== undefined) await chown(folder, NOBODY.uid, NOBODY.gid);
  await using release = new AsyncDisposableStack();
  const server = release.use(new Postgres(folder, await freePort()));
  const options = ['--auth=trust', '--username=weir', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(join(peerPath('postgres'), '../initdb'), ['-D', join(folder, 'data'), ...options], {
    cwd: folder,
    ...NOBODY,
  });
  await server.start();
  release.move();
  return server;
}
