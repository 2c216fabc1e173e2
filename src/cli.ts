import type { Command } from 'commander';
import packageFile from '../package.json' with { type: 'json' };
import { registerAudit } from './cli/audit.ts';
import { registerCentre } from './cli/centre.ts';
import { registerCompletion } from './cli/completion.ts';
import { registerConfig } from './cli/config.ts';
import { registerDemo } from './cli/demo.ts';
import { registerDestination } from './cli/destination.ts';
import { registerDevice } from './cli/device.ts';
import { registerDoctor } from './cli/doctor.ts';
import { reportFailure } from './cli/failure.ts';
import { survivePipes } from './cli/interruption.ts';
import { registerHistory } from './cli/history.ts';
import { registerJournal } from './cli/journal.ts';
import { createProgram } from './cli/program.ts';
import { registerOpcua } from './cli/opcua.ts';
import { registerProfile } from './cli/profile.ts';
import { registerRun } from './cli/run.ts';
import { registerSimulate } from './cli/simulate.ts';
import { registerStatus } from './cli/status.ts';
import { registerTrace } from './cli/trace.ts';
import { registerWatch } from './cli/watch.ts';

/** The whole command tree. */
export function commandTree(): Command {
  const program = createProgram(packageFile.version);
  registerDemo(program);
  registerRun(program);
  registerStatus(program);
  registerDoctor(program);
  registerWatch(program);
  registerHistory(program);
  registerTrace(program);
  registerSimulate(program);
  registerConfig(program);
  registerProfile(program);
  registerDevice(program);
  registerOpcua(program);
  registerJournal(program);
  registerDestination(program);
  registerAudit(program);
  registerCentre(program);
  registerCompletion(program);
  return program;
}

/** The command `weir`: parses `argv`, runs what it asks for, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  survivePipes();
  const program = commandTree();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = reportFailure(error, program.opts());
  }
}
