import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

/** `exit` is the exit code, or the name of the signal that ended it. */
export type Ended = { readonly exit: number | NodeJS.Signals; readonly stdout: string; readonly stderr: string };

export type Surroundings = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

/** Starts the command `weir` as a process of its own, without this process's colours and configuration. */
export function startWeir(
  words: readonly string[],
  { cwd, env }: Surroundings = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [launcher, ...words], {
    ...(cwd !== undefined && { cwd }),
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What `weir` finds in its environment: what this process has, without its colours and configuration, and `more`. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _colour, WEIR_CONFIG: _configuration, ...inherited } = process.env;
  return { ...inherited, ...more };
}

/** Runs `weir` to its end. */
export async function runWeir(words: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const child = startWeir(words, surroundings);
  const [[exit, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exit: exit ?? signal, stdout, stderr };
}
