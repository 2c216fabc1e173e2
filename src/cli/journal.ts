import type { Command } from 'commander';
import type { JournalStatus } from '../journal/journal.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonIfRunning } from './daemon.ts';
import { count } from './format.ts';
import { journalLine } from './status-screen.ts';
import { table, type Column } from './table.ts';

export function registerJournal(program: Command): void {
  const journal = program
    .command('journal')
    .description('look into the journal')
    .addHelpText('after', examples('weir journal status'));
  journal
    .command('status')
    .description('show what the journal holds and what waits for whom; works while the daemon is stopped, too')
    .action(async (_options: unknown, command: Command) => showStatus(contextOf(command)))
    .addHelpText('after', examples('weir journal status', 'weir journal status --json | jq .last'));
}

const destinationColumns: readonly Column<JournalStatus['destinations'][number]>[] = [
  { title: 'destination', cell: ({ name }) => name },
  { title: 'pending', right: true, cell: ({ pending }) => count(pending) },
  { title: 'gaps to announce', right: true, cell: ({ gaps }) => count(gaps) },
];

async function showStatus(context: Context): Promise<void> {
  const { journal, control } = await configurationOf(context);
  const daemon = await daemonIfRunning(control.socket, context);
  const status = daemon
    ? (await daemon.status()).journal
    : await (await import('../journal/inspect.ts')).inspectJournal(journal.path);
  await context.output.result(status, async () => {
    const identity = `epoch ${status.epoch}, sequences ${count(status.oldest)} to ${count(status.last)}, ${count(status.batches)} batches`;
    return [
      journalLine(status, context.clock.wall()),
      `         ${identity}${daemon ? '' : '; the daemon is stopped'}`,
      '',
      await table(destinationColumns, status.destinations),
    ].join('\n');
  });
}
