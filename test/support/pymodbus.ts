import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peerPath } from './peers.ts';

const script = fileURLToPath(new URL('pymodbus-server.py', import.meta.url));

/** Debian's pymodbus serving register images (`FILE` or `FILE@UNIT`) on a loopback port; gone when the scope ends. */
export async function startPymodbus(
  ...images: readonly [string, ...string[]]
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = spawn(peerPath('pymodbus'), [script, ...images], { stdio: ['pipe', 'pipe', 'pipe'] });
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
