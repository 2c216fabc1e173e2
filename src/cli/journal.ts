import type { Command } from 'commander';
import type { JournalStatus } from '../journal/journal.ts';
import { countRanges, showRanges } from '../model/ranges.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonAt, daemonIfRunning } from './daemon.ts';
import { count } from './format.ts';
import { SPAN_HELP, spanOf, type SpanOptions, withSpan } from './span.ts';
import { journalLine } from './status-screen.ts';
import { table, type Column } from './table.ts';

export function registerJournal(program: Command): void {
  const journal = program
    .command('journal')
    .description('look into the journal, and have it delivered once more')
    .addHelpText('after', examples('weir journal status'));
  journal
    .command('status')
    .description('show what the journal holds and what waits for whom; works while the daemon is stopped, too')
    .action(async (_options: unknown, command: Command) => showStatus(contextOf(command)))
    .addHelpText('after', examples('weir journal status', 'weir journal status --json | jq .last'));
  withSpan(journal.command('rewind'))
    .description('send to a destination once more what the journal still holds; the gateway must run')
    .argument('<destination>', 'name in the configuration')
    .action(async (name: string, options: SpanOptions, command: Command) => rewind(name, options, contextOf(command)))
    .addHelpText('after', SPAN_HELP)
    .addHelpText(
      'after',
      examples(
        'weir journal rewind city --from 120001 --to 125000',
        'weir journal rewind city --from 2026-11-30T08:00 --to 2026-11-30T09:00',
        'weir journal rewind city --from 2h --json',
      ),
    );
}

async function rewind(destination: string, options: SpanOptions, context: Context): Promise<void> {
  const span = spanOf(options, context.clock.wall());
  const { control } = await configurationOf(context);
  const daemon = await daemonAt(control.socket, context);
  const { kept, gone } = await daemon.rewind(destination, span);
  await context.output.result({ destination, readings: countRanges(kept), kept, gone }, () =>
    [
      `${destination} is sent ${count(countRanges(kept))} readings once more: ${showRanges(kept)}`,
      ...(gone.length > 0 ? [`gone, and announced to it as lost: ${showRanges(gone)}`] : []),
    ].join('\n'),
  );
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
