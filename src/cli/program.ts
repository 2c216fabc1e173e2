import { Command, InvalidArgumentError, Option } from 'commander';
import { examples } from './context.ts';
import { exitCodes } from './failure.ts';

/** The command `weir` with its global options, and no commands yet. */
export function createProgram(version: string): Command {
  return new Command('weir')
    .description(
      'Edge gateway: reads meters and plant, keeps every reading in a journal, and forwards it to control centres.',
    )
    .version(version, '--version', 'show the version')
    .helpOption('--help', 'show this help')
    .addOption(
      new Option('--config <file>', 'the configuration (default: ./weir.yaml, else /etc/weir/weir.yaml)').env(
        'WEIR_CONFIG',
      ),
    )
    .option('--json', 'print the result as JSON, one document a line')
    .option('--quiet', 'print results and errors only')
    .option('--no-color', 'never use colours (so does the environment variable NO_COLOR)')
    .on('option:no-color', refuseColours)
    .addHelpText('after', `${examples('weir demo', 'weir run --config weir.yaml', 'weir status --json')}\n${exitCodes}`)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
}

/** Follows a parse: the answer is the command that it has come to, as it is typed, e.g. `weir device read`. */
export function followed(program: Command): () => string {
  let taken = program;
  const follow = (command: Command): void => {
    command.hook('preSubcommand', (_parent, chosen) => {
      taken = chosen;
    });
    command.commands.forEach(follow);
  };
  follow(program);
  return () => typedName(taken);
}

function typedName(command: Command): string {
  return command.parent === null ? command.name() : `${typedName(command.parent)} ${command.name()}`;
}

function refuseColours(): void {
  process.env['NO_COLOR'] = '1';
  delete process.env['FORCE_COLOR'];
}

/** Parses an option's value as an integer between `least` and `most`. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
