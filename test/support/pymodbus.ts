import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peerPath, type Peer } from './peers.ts';
import { openPtyPair } from './pty-pair.ts';

const script = fileURLToPath(new URL('pymodbus-server.py', import.meta.url));

/** Debian's pymodbus serving register images (`FILE` or `FILE@UNIT`) on a loopback port; gone when the scope ends. */
export function startPymodbus(
  ...images: readonly [string, ...string[]]
): Promise<{ readonly port: number } & AsyncDisposable> {
  return start(images);
}

/** How a register image can be asked for. */
export const pymodbusWays = ['TCP', 'UDP', 'RTU on a serial line', 'ASCII on a serial line'] as const;
export type PymodbusWay = (typeof pymodbusWays)[number];

/** What it takes to have an image served that way. */
export function peersFor(way: PymodbusWay): readonly Peer[] {
  return way.endsWith('serial line') ? ['pymodbus', 'fixtures', 'socat'] : ['pymodbus', 'fixtures'];
}

/** The same however it is asked for; `settings` are of a connection to it. */
export async function servePymodbus(
  way: PymodbusWay,
  ...images: readonly [string, ...string[]]
): Promise<{ readonly settings: object } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const settings = await (way === 'TCP' || way === 'UDP' ? overNetwork : overSerial)(way, images, stack);
  const kept = stack.move();
  return { settings, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function overNetwork(way: PymodbusWay, images: readonly string[], stack: AsyncDisposableStack): Promise<object> {
  const { port } = stack.use(await start(way === 'UDP' ? ['--udp', ...images] : images));
  return { transport: way === 'UDP' ? 'udp' : 'tcp', host: '127.0.0.1', port };
}

async function overSerial(way: PymodbusWay, images: readonly string[], stack: AsyncDisposableStack): Promise<object> {
  const framing = way.startsWith('RTU') ? 'rtu' : 'ascii';
  const line = stack.use(await openPtyPair());
  stack.use(await start([`--${framing}`, line.theirs, ...images]));
  return { transport: 'serial', path: line.ours, framing, baud: 115_200, parity: 'none' };
}

async function start(words: readonly string[]): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = spawn(peerPath('pymodbus'), [script, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(server, 'exit');
  const complaints: string[] = [];
  server.stderr.on('data', (text) => complaints.push(String(text)));
  const port = await Promise.race([
    once(server.stdout, 'data').then(([line]) => Number(line)),
    exited.then(() => Promise.reject(new Error(`pymodbus ended: ${complaints.join('')}`))),
  ]);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGKILL');
      await exited;
    },
  };
}
