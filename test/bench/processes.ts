import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** A child process that is ended with the scope that started it. */
export type Child = AsyncDisposable & { readonly process: ChildProcess; readonly pid: number; line(): Promise<string> };

/** Starts a program; `line` waits for its next line on the standard output. */
export function start(command: string, args: readonly string[]): Child {
  // As in systemd/weir.service.
  const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${command} ended`);
      return next.value;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

// Linux counts processor time in hundredths of a second, everywhere.
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has used so far, all threads, user and system. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident and peak memory of a process, MiB. */
export async function memory(pid: number): Promise<{ readonly rss: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { rss: kibibytes('VmRSS') / 1024, peak: kibibytes('VmHWM') / 1024 };
}
