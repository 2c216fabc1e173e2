import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerPath } from './peers.ts';

// A device by Debian's libmodbus, which shares no line with us or with our library; what it holds, its source says.

const source = fileURLToPath(new URL('libmodbus-server.c', import.meta.url));

let program: string | undefined;

/** Compiled once for each process of tests. */
function compiled(): string {
  if (program !== undefined) return program;
  const folder = mkdtempSync(join(tmpdir(), 'weir-libmodbus-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'libmodbus'], { encoding: 'utf8' }).stdout.trim();
  program = join(folder, 'libmodbus-server');
  const { status, stderr } = spawnSync(
    peerPath('libmodbus'),
    ['-O1', '-Wall', '-o', program, source, ...flags.split(/\s+/)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the libmodbus server does not compile: ${stderr}`);
  return program;
}

async function start(
  words: readonly string[],
): Promise<{ readonly server: ChildProcess; readonly line: string; readonly stop: () => Promise<void> }> {
  const server = spawn(compiled(), words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(server, 'exit');
  const complaints: string[] = [];
  server.stderr.on('data', (text) => complaints.push(String(text)));
  const line = await Promise.race([
    once(server.stdout, 'data').then(([text]) => String(text).trim()),
    exited.then(() => Promise.reject(new Error(`libmodbus ended: ${complaints.join('')}`))),
  ]);
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
  };
  return { server, line, stop };
}

/** On a free port of the loopback, for any unit; gone when the scope ends. */
export async function startLibmodbusTcp(): Promise<{ readonly port: number } & AsyncDisposable> {
  const { line, stop } = await start(['tcp']);
  return { port: Number(line), [Symbol.asyncDispose]: stop };
}

/** On a serial port, as one unit; gone when the scope ends. `parity` is N, E or O: a pty takes any, and keeps none. */
export async function startLibmodbusRtu(
  path: string,
  { unit, baud = 19_200, parity = 'N' }: { readonly unit: number; readonly baud?: number; readonly parity?: string },
): Promise<AsyncDisposable> {
  const { stop } = await start(['rtu', path, String(baud), parity, String(unit)]);
  return { [Symbol.asyncDispose]: stop };
}
