import type { Argument, Command, Option } from 'commander';
import { parities } from '../collect/driver.ts';
import type { Configuration, DeviceSettings, PointSettings } from '../config/configuration.ts';
import { drivers } from '../drivers.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf } from './daemon.ts';

// The shells only ask: what can follow is worked out here, from the command tree, so that no script can grow stale.
const scripts = {
  bash: `_weir() {
  local IFS=$'\\n'
  COMPREPLY=($(weir complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _weir weir`,
  zsh: `#compdef weir
_weir() {
  local -a found
  found=("\${(@f)$(weir complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _weir weir`,
  fish: `complete -c weir -e
complete -c weir -l config -r -F
complete -c weir -f -a '(weir complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
} as const;

type Shell = keyof typeof scripts;

export function registerCompletion(program: Command): void {
  const shell = program.createArgument('<shell>', 'which shell').choices(Object.keys(scripts));
  program
    .command('completion')
    .description('print the script that completes weir in a shell')
    .addArgument(shell)
    .action((name: Shell, _options: unknown, command: Command) => contextOf(command).output.line(scripts[name]))
    .addHelpText(
      'after',
      examples(
        'source <(weir completion bash)',
        'weir completion zsh > "${fpath[1]}/_weir"',
        'weir completion fish > ~/.config/fish/completions/weir.fish',
      ),
    );
  program
    .command('complete', { hidden: true })
    .description('print what can follow the given words, the last of which is being typed')
    .argument('[words...]', 'the words after `weir`')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const context = contextOf(command);
      const configurationFile = wordAfter('--config', words) ?? context.configurationFile;
      const found = await candidates(program, words, { ...context, configurationFile });
      for (const candidate of found) context.output.line(candidate);
    })
    .addHelpText('after', examples('weir complete -- device re'));
}

/** What can stand there, by the name of the argument or option that takes it: mostly names that only this machine knows. */
const sources: Readonly<Record<string, (context: Context) => Promise<readonly string[]>>> = {
  device: async (context) => (await configurationOf(context)).devices.map(({ id }) => id),
  point: async (context) => (await configurationOf(context)).devices.flatMap(pointIdsOf),
  'device-or-point': async (context) => {
    const { devices } = await configurationOf(context);
    return [...devices.map(({ id }) => id), ...devices.flatMap(pointIdsOf)];
  },
  settable: async (context) => {
    const configuration = await configurationOf(context);
    const settable = pointsOf(configuration).filter(({ definition }) => definition.write !== undefined);
    return [...settable.map(({ definition }) => definition.id), ...(await addressesOf(configuration))];
  },
  target: async (context) => {
    const configuration = await configurationOf(context);
    return [...configuration.devices.map(({ id }) => id), ...(await addressesOf(configuration))];
  },
  connection: async (context) => {
    const { connections } = await configurationOf(context).catch(() => ({ connections: [] }));
    return [...connections.map(({ id }) => id), ...Object.keys(drivers)];
  },
  path: async () => (await import('./doctor/ports.ts')).presentPorts(),
  parity: () => Promise.resolve(parities),
  transport: () => Promise.resolve(['tcp', 'serial', 'rtu-over-tcp', 'ascii-over-tcp', 'udp', 'tls']),
  order: () => Promise.resolve(['ABCD', 'CDAB', 'BADC', 'DCBA']),
  type: () => Promise.resolve(['uint16', 'int16', 'uint32', 'int32', 'float32', 'uint64', 'int64', 'float64', 'bool']),
  destination: async (context) => (await configurationOf(context)).destinations.map(({ name }) => name),
  profile: async ({ configurationFile }) => {
    const { listProfileFiles, profileFolders } = await import('../config/profile-folders.ts');
    return [...(await listProfileFiles(profileFolders(configurationFile))).keys()];
  },
};

function pointIdsOf({ points }: DeviceSettings): readonly string[] {
  return points.map(({ definition }) => definition.id);
}

function pointsOf({ devices }: Configuration): readonly PointSettings[] {
  return devices.flatMap(({ points }) => points);
}

/** `connection/unit` of each device that has an address on its line. */
async function addressesOf(configuration: Configuration): Promise<readonly string[]> {
  const { addressOf } = await import('./device/target.ts');
  const addresses = await Promise.all(configuration.devices.map((device) => addressOf(device, configuration)));
  return addresses.filter((address) => address !== undefined);
}

/** What the last of `words` can become; empty where anything goes, such as a file. */
async function candidates(program: Command, words: readonly string[], context: Context): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const place = locate(program, words.slice(0, -1));
  const possible = place.option ? await valuesOf(place.option, context) : await following(place, typed, context);
  return possible.filter((candidate) => candidate.startsWith(typed));
}

function wordAfter(option: string, words: readonly string[]): string | undefined {
  const index = words.indexOf(option);
  return index < 0 ? undefined : words[index + 1];
}

type Place = {
  readonly command: Command;
  /** How many arguments the command was given already. */
  readonly position: number;
  /** The option whose value comes next. */
  readonly option: Option | undefined;
};

function locate(program: Command, words: readonly string[]): Place {
  return words.reduce<Place>(
    ({ command, position, option }, word) => {
      if (option !== undefined && !option.variadic) return { command, position, option: undefined };
      if (word.startsWith('-')) return { command, position, option: valued(command, word) };
      if (option !== undefined) return { command, position, option };
      const next = position === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      return next ? { command: next, position: 0, option } : { command, position: position + 1, option };
    },
    { command: program, position: 0, option: undefined },
  );
}

/** Options of the command and of all above it. */
function optionsOf(command: Command): readonly Option[] {
  const own = command.options.filter((option) => !option.hidden);
  return command.parent === null ? own : [...own, ...optionsOf(command.parent)];
}

/** The option `word` names, if its value is the next word. */
function valued(command: Command, word: string): Option | undefined {
  const named = optionsOf(command).find(({ short, long }) => word === short || word === long);
  return named?.required ? named : undefined;
}

async function following({ command, position }: Place, typed: string, context: Context): Promise<readonly string[]> {
  if (typed.startsWith('-')) return [...optionsOf(command).flatMap(({ long }) => long ?? []), '--help'];
  const visible = command.createHelp().visibleCommands(command);
  if (visible.length > 0 && position === 0) return visible.map((each) => each.name());
  const argument =
    command.registeredArguments[position] ?? command.registeredArguments.findLast((each) => each.variadic);
  return argument === undefined ? [] : valuesOf(argument, context);
}

/** The choices of an argument or option, or the names that the configuration knows; none where that is broken. */
async function valuesOf(taker: Argument | Option, context: Context): Promise<readonly string[]> {
  if (taker.argChoices) return taker.argChoices;
  return (await sources[taker.name()]?.(context).catch(() => [])) ?? [];
}
