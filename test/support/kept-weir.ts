import { spawn, type ChildProcess } from 'node:child_process';
import { systemClock } from '../../src/model/clock.ts';
import { environment, type Ended, type Surroundings } from './run-weir.ts';

/** What the kept process is told to do: one command line, where, and with which environment. */
export type CommandLine = {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const program = new URL('./kept-weir-process.ts', import.meta.url).pathname;

const LONGEST = 45_000; // ms: what takes longer hangs, and is to be named before its test is given up

let kept: ChildProcess | undefined;
let latest: Promise<unknown> = Promise.resolve();

/**
 * Runs `weir` to its end as `runWeir` does, but in a process that is kept for the next ones: of the second that each
 * costs in a process of its own nearly all goes into loading its modules. An answer comes once nothing keeps that
 * process alive any more. Not for what is signalled, nor for what sets up its process for years: `run`.
 */
export function askWeir(words: readonly string[], { cwd = process.cwd(), env }: Surroundings = {}): Promise<Ended> {
  const answer = latest.then(() => answerOf((kept ??= start()), { words, cwd, env: environment(env) }));
  latest = answer.catch(() => undefined);
  return answer;
}

function start(): ChildProcess {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.once('exit', () => (kept = undefined));
  child.unref();
  child.channel?.unref(); // it ends with this process
  return child;
}

async function answerOf(child: ChildProcess, line: CommandLine): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const ended = (exit: number | null, signal: NodeJS.Signals | null): void =>
    reject(new Error(`weir ${line.words.join(' ')}: its process ended with ${exit ?? signal}`));
  const cancel = systemClock.after(LONGEST, () => child.kill('SIGKILL'));
  child.once('exit', ended).once('message', resolve);
  child.send(line);
  try {
    return await promise;
  } finally {
    cancel();
    child.off('exit', ended).off('message', resolve);
  }
}
