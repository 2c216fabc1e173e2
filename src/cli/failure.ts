import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { asGatewayError, errorCodes, GatewayError } from '../model/errors.ts';
import type { GlobalOptions } from './context.ts';
import { Interruption } from './interruption.ts';

/** The end of `weir help`: what the exit codes promise. */
export const exitCodes = `
Exit codes:
  0   done
  1   failed
  64  wrong usage
  69  the daemon, a device or a broker cannot be reached
  75  try again later
  78  configuration error
  A command ended by Ctrl-C or a signal exits with 128 + the signal's number.`;

/** Tells the user what went wrong, and what to do, on the standard error; returns the exit code. */
export function reportFailure(error: unknown, { json }: Pick<GlobalOptions, 'json'>): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // help or version was asked for, and printed
  if (error instanceof Interruption) return error.exit;
  if (error instanceof CommanderError && error.code === 'commander.help') return errorCodes.usage.exit; // help was shown instead
  const failure = error instanceof CommanderError ? usageError(error) : asGatewayError(error, 'failed');
  const { exit, advice } = errorCodes[failure.code];
  if (json) {
    const { code, message } = failure;
    process.stderr.write(`${JSON.stringify({ error: { code, message, advice, exit } })}\n`);
  } else {
    const faults = failure.message.split('\n').map((fault) => `${paint('red', 'weir:')} ${fault}\n`);
    process.stderr.write(`${faults.join('')}${paint('dim', `→ ${advice}`)}\n`);
  }
  if (failure.code === 'failed' && process.env['WEIR_DEBUG'] !== undefined) console.error(error);
  return exit;
}

function paint(style: 'red' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

// Commander says `error: unknown command 'statsu'\n(Did you mean status?)`.
function usageError({ message }: CommanderError): GatewayError {
  return new GatewayError('usage', message.replace(/^error: /, '').replace(/\s*\n\(D(.*)\)$/, ' (d$1)'));
}
