import { once } from 'node:events';
import { constants } from 'node:os';
import { GatewayError } from '../model/errors.ts';
import { codeOf } from '../wire/far-end.ts';

const stop = new AbortController();
let watching = false;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Why `interruption()` aborted: the exit code that the shell expects of a program ended by that signal, or by the loss of its output. */
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

/**
 * A reader such as `head` that has seen enough ends the command, quietly; a daemon outlives whoever read its log. Output
 * that is lost for another reason, such as a full disk, is a failure of the command, whatever it says itself in the end:
 * `report` tells why, once, and returns the exit code.
 */
export function watchOutput(report: (fault: GatewayError) => number): void {
  let isLost = false;
  process.stdout.on('error', (error) => {
    if (isReaderGone(error)) stop.abort(new Interruption(0));
    else if (!isLost) {
      isLost = true;
      const exit = report(new GatewayError('output-failed', `the output is not complete: ${error.message}`));
      process.once('exit', () => (process.exitCode = exit));
      stop.abort(new Interruption(exit));
    }
  });
  process.stderr.on('error', () => undefined);
}

/** A terminal that is closed says EIO, as a broken disk does. */
function isReaderGone(error: Error): boolean {
  return process.stdout.isTTY || ['EPIPE', 'ECONNRESET'].includes(codeOf(error));
}
