import { once } from 'node:events';
import { constants } from 'node:os';

const stop = new AbortController();
let watching = false;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Why `interruption()` aborted: the exit code that the shell expects of a program ended by that signal, or by a closed pipe. */
export class Interruption extends Error {
  readonly exit: number;

  constructor(exit: number) {
    super('interrupted');
    this.exit = exit;
  }
}

/**
 * Aborts at the first SIGINT or SIGTERM, or when nobody reads the output any more; the caller then ends cleanly.
 * A second signal ends the process at once.
 */
export function interruption(): AbortSignal {
  if (!watching) {
    watching = true;
    const onSignal = (name: 'SIGINT' | 'SIGTERM'): void => {
      for (const each of SIGNALS) process.off(each, onSignal);
      stop.abort(new Interruption(128 + constants.signals[name]));
    };
    for (const name of SIGNALS) process.on(name, onSignal);
  }
  return stop.signal;
}

/** Resolves when `interruption()` aborts: for what runs until it is told to stop. */
export async function untilInterrupted(): Promise<void> {
  const signal = interruption();
  if (!signal.aborted) await once(signal, 'abort');
}

/** A reader such as `head` that has seen enough ends the command, quietly; a daemon outlives whoever read its log. */
export function survivePipes(): void {
  process.stdout.on('error', () => stop.abort(new Interruption(0)));
  process.stderr.on('error', () => undefined);
}
