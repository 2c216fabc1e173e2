import { main } from '../../src/cli.ts';
import type { CommandLine } from './kept-weir.ts';
import type { Ended } from './run-weir.ts';

// The process behind kept-weir.ts: takes one command line after the other.

const UNSETTLED = 13; // Node's own exit code for a program that waits for what nobody will ever settle

let written: { stdout: string; stderr: string } | undefined;
let isSettled = false;

for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean => {
    if (written !== undefined) written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}

process.on('message', ({ words, cwd, env }: CommandLine) => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = 0;
  written = { stdout: '', stderr: '' };
  isSettled = false;
  void main([process.execPath, 'weir', ...words]).then(() => (isSettled = true));
  process.channel?.unref(); // so that nothing but the command itself keeps this process alive
});

// Here a process of its own would end: nothing is left that could still happen.
process.on('beforeExit', (code) => {
  if (written === undefined || process.channel === undefined) return;
  const ended: Ended = { exit: isSettled ? code : UNSETTLED, ...written };
  written = undefined;
  for (const name of ['stdout', 'stderr'] as const) process[name].removeAllListeners('error');
  process.chdir('/'); // folders of tests come and go
  process.channel.ref();
  process.send?.(ended);
});
