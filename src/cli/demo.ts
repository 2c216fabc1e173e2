import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { contextOf, examples, type Context } from './context.ts';
import { interruption } from './interruption.ts';
import { integer } from './program.ts';

type DemoOptions = { readonly seconds: number; readonly keep?: true };

// Time for the broker to be away for five seconds and for the backlog to drain.
const SHORTEST = 15;
const LONGEST = 3_600;

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole path in one terminal: a broker, three simulated meters, the gateway, a verifying centre')
    .option('--seconds <number>', 'how long to run', integer(SHORTEST, LONGEST), 45)
    .option('--keep', 'keep the folder with configuration, journal and log')
    .action(async (options: DemoOptions, command: Command) => demo(options, contextOf(command)))
    .addHelpText(
      'after',
      `${examples('weir demo', 'weir demo --seconds 30 --json', 'weir demo --keep')}

Ends with the proof that everything committed was received; exit code 1 when it was not.`,
    );
}

async function demo({ seconds, keep }: DemoOptions, { clock, output }: Context): Promise<void> {
  const { createNarrator } = await import('./demo/narrator.ts');
  const { demonstrate } = await import('./demo/demonstration.ts');
  const narrator = createNarrator(output);
  const folder = await mkdtemp(join(tmpdir(), 'weir-demo-'));
  let isKept = true; // with the log of what failed
  try {
    const { proof, holds } = await demonstrate({ seconds, folder, clock, narrator }, interruption());
    if (output.json) output.line(JSON.stringify({ ...proof, ...(keep && { folder }) }));
    else narrator.proof(proof, keep && folder);
    if (!holds) process.exitCode = 1;
    isKept = keep ?? false;
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}
