import type { Command } from 'commander';
import packageFile from '../package.json' with { type: 'json' };
import { reportFailure } from './cli/failure.ts';
import { watchOutput } from './cli/interruption.ts';
import { createProgram, followed } from './cli/program.ts';

type Register = (program: Command) => void;

// In the order of the help. Each is loaded when it is needed: on a small board the modules of all of them take seconds.
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./cli/demo.ts')).registerDemo,
  run: async () => (await import('./cli/run.ts')).registerRun,
  status: async () => (await import('./cli/status.ts')).registerStatus,
  doctor: async () => (await import('./cli/doctor.ts')).registerDoctor,
  watch: async () => (await import('./cli/watch.ts')).registerWatch,
  history: async () => (await import('./cli/history.ts')).registerHistory,
  trace: async () => (await import('./cli/trace.ts')).registerTrace,
  simulate: async () => (await import('./cli/simulate.ts')).registerSimulate,
  config: async () => (await import('./cli/config.ts')).registerConfig,
  profile: async () => (await import('./cli/profile.ts')).registerProfile,
  device: async () => (await import('./cli/device.ts')).registerDevice,
  opcua: async () => (await import('./cli/opcua.ts')).registerOpcua,
  journal: async () => (await import('./cli/journal.ts')).registerJournal,
  destination: async () => (await import('./cli/destination.ts')).registerDestination,
  audit: async () => (await import('./cli/audit.ts')).registerAudit,
  centre: async () => (await import('./cli/centre.ts')).registerCentre,
  completion: async () => (await import('./cli/completion.ts')).registerCompletion,
};

/** The command tree: of all commands, or of one. */
export async function commandTree(name?: string): Promise<Command> {
  const program = createProgram(packageFile.version);
  const wanted = Object.entries(commands).filter(([each]) => name === undefined || each === name);
  for (const register of await Promise.all(wanted.map(([, load]) => load()))) register(program);
  return program;
}

/** The command that the words name; undefined where it takes all of them to answer: help, completion, a mistyped name. */
function commandIn(words: readonly string[]): string | undefined {
  const first = words.find((word, index) => !word.startsWith('-') && words[index - 1] !== '--config');
  return first !== undefined && Object.hasOwn(commands, first) ? first : undefined;
}

/** The command `weir`: parses `argv`, runs what it asks for, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = await commandTree(commandIn(argv.slice(2)));
  watchOutput((fault) => reportFailure(fault, program.opts()));
  const taken = followed(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = reportFailure(error, program.opts(), taken());
  }
}
