import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { asGatewayError, errorCodes, GatewayError } from '../model/errors.ts';
import type { GlobalOptions } from './context.ts';
import { printable } from './format.ts';
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
  A command cut short by Ctrl-C or a signal exits with 128 + the signal's number; run, watch, device watch, trace and
  simulate, which go on until then, with 0; demo and centre with their verdict, 0 or 1.`;

/**
 * Tells the user what went wrong, and what to do, on the standard error; returns the exit code. `command` is what was
 * typed, whose help tells more.
 */
export function reportFailure(thrown: unknown, { json }: Pick<GlobalOptions, 'json'>, command = 'weir'): number {
  // What failed first, where closing failed too.
  const error: unknown = thrown instanceof SuppressedError ? thrown.suppressed : thrown;
  const exit = exitWithoutWords(error);
  if (exit !== undefined) return exit;
  const failure = error instanceof CommanderError ? usageError(error) : asGatewayError(error, 'failed');
  const advice = failure.code === 'usage' ? `See \`${command} --help\`.` : errorCodes[failure.code].advice;
  process.stderr.write(json ? asJson(failure, advice) : asText(failure, advice));
  if (failure.code === 'failed' && process.env['WEIR_DEBUG'] !== undefined) console.error(error);
  return errorCodes[failure.code].exit;
}

/** The exit code of what is no error, or of a usage whose help was just shown. */
function exitWithoutWords(error: unknown): number | undefined {
  if (error instanceof Interruption) return error.exit;
  if (!(error instanceof CommanderError)) return undefined;
  if (error.exitCode === 0) return 0;
  return error.code === 'commander.help' ? errorCodes.usage.exit : undefined;
}

function asJson({ code, message }: GatewayError, advice: string): string {
  return `${JSON.stringify({ error: { code, message, advice, exit: errorCodes[code].exit } })}\n`;
}

function asText({ message }: GatewayError, advice: string): string {
  const faults = message.split('\n').map((fault) => `${paint('red', 'weir:')} ${printable(fault)}\n`);
  return `${faults.join('')}${paint('dim', `→ ${advice}`)}\n`;
}

function paint(style: 'red' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

// Commander says `error: unknown command 'statsu'\n(Did you mean status?)`.
function usageError({ message }: CommanderError): GatewayError {
  return new GatewayError('usage', message.replace(/^error: /, '').replace(/\s*\n\(D(.*)\)$/, ' (d$1)'));
}
