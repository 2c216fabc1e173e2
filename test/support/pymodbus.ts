import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peerPath } from './peers.ts';

const script = fileURLToPath(new URL('pymodbus-server.py', import.meta.url));

/** Debian's pymodbus serving register images (`FILE` or `FILE@UNIT`) on a loopback port; gone when the scope ends. */
export function startPymodbus(
  ...images: readonly [string, ...string[]]
): Promise<{ readonly port: number } & AsyncDisposable> {
  return start(images);
}

/** The same in RTU at 115 200 Bd on a serial port. */
export function startPymodbusRtu(path: string, ...images: readonly [string, ...string[]]): Promise<AsyncDisposable> {
  return start(['--rtu', path, ...images]);
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
