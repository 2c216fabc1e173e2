import { createInterface } from 'node:readline/promises';
import { GatewayError } from '../model/errors.ts';

/** Throws `usage` where nobody sits at a terminal to be asked; `option` is what says yes in advance. */
export function refuseUnlessAsked(option: string): void {
  if (process.stdin.isTTY) return;
  throw new GatewayError('usage', `nobody is there to confirm: give ${option} where this is meant`);
}

/** Asks whoever sits at the terminal; true for a yes. Rejects with the signal's reason. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The terminal is in raw mode meanwhile: Ctrl-C arrives as a key, not as a signal.
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
