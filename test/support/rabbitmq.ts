import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { peerPath } from './peers.ts';

type Ports = { readonly mqtt: number; readonly amqp: number; readonly names: number; readonly nodes: number };

/** Debian's RabbitMQ with its MQTT plugin: a node of its own with its own name service, on loopback, in a folder. */
export class RabbitMq implements AsyncDisposable {
  readonly folder: string;
  readonly #ports: Ports;
  readonly #log: string[] = [];
  #processes: ChildProcess[] = [];

  constructor(folder: string, ports: Ports) {
    this.folder = folder;
    this.#ports = ports;
  }

  get port(): number {
    return this.#ports.mqtt;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    // The node would start a name service that outlives it; one in the foreground ends with the test.
    const names = spawn('epmd', ['-port', String(this.#ports.names), '-address', '127.0.0.1'], { stdio: 'ignore' });
    const broker = spawn(peerPath('rabbitmq'), [], { env: this.#environment(), stdio: ['ignore', 'pipe', 'ignore'] });
    this.#processes = [broker, names];
    const lines = createInterface({ input: broker.stdout });
    await new Promise<void>((resolve, reject) => {
      broker.once('exit', (code) => reject(new Error(`rabbitmq ended with ${code}: ${this.#log.join('\n')}`)));
      lines.on('line', (line) => {
        this.#log.push(line);
        if (line.includes('Server startup complete')) resolve();
      });
    });
  }

  /** Ends it by SIGKILL; resolves once it is gone. */
  async stop(): Promise<void> {
    const running = this.#processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    this.#processes = [];
    await Promise.all(
      running.map(async (each) => {
        const exited = once(each, 'exit');
        each.kill('SIGKILL');
        await exited;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    const path = (name: string): string => join(this.folder, name);
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      // With it the script becomes the node, so that our signals reach that.
      RUNNING_UNDER_SYSTEMD: 'true',
      RABBITMQ_NODENAME: `weir-${this.port}@localhost`,
      RABBITMQ_MNESIA_BASE: path('data'),
      RABBITMQ_LOG_BASE: path('log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_CONFIG_FILE: path('rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: path('none.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: path('none.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path('plugins'),
      RABBITMQ_DIST_PORT: String(this.#ports.nodes),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none',
      ERL_EPMD_PORT: String(this.#ports.names),
      ERL_EPMD_ADDRESS: '127.0.0.1',
    };
  }
}

/** Starts a broker with its own folder; it takes some seconds. */
export async function startRabbitMq(): Promise<RabbitMq> {
  const ports = { mqtt: await freePort(), amqp: await freePort(), names: await freePort(), nodes: await freePort() };
  const folder = await mkdtemp(join(tmpdir(), 'weir-rabbitmq-'));
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    `mqtt.listeners.tcp.1 = 127.0.0.1:${ports.mqtt}`,
    'log.console = true',
    'log.console.level = info',
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
  await writeFile(join(folder, 'plugins'), '[rabbitmq_mqtt].\n');
  await mkdir(join(folder, 'log'));
  await using release = new AsyncDisposableStack();
  const broker = release.use(new RabbitMq(folder, ports));
  await broker.start();
  release.move();
  return broker;
}
