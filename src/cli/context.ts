import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock, type Clock } from '../model/clock.ts';
import { Output } from './output.ts';

const INSTALLED_CONFIGURATION = '/etc/weir/weir.yaml';
const LOCAL_CONFIGURATION = 'weir.yaml';

/** The options that every command takes, before or after its name. */
export type GlobalOptions = {
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly color: boolean;
};

/** What every command works with, besides its own arguments. */
export type Context = {
  readonly clock: Clock;
  readonly output: Output;
  readonly options: GlobalOptions;
  /** The file of --config or WEIR_CONFIG, else `weir.yaml` here, else the installed one; it need not exist. */
  readonly configurationFile: string;
};

export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<GlobalOptions>();
  return {
    clock: systemClock,
    output: new Output({ json: options.json ?? false, quiet: options.quiet ?? false, clock: systemClock }),
    options,
    configurationFile:
      options.config ?? (existsSync(LOCAL_CONFIGURATION) ? LOCAL_CONFIGURATION : INSTALLED_CONFIGURATION),
  };
}

/** The examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}
