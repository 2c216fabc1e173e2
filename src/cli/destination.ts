import type { Command } from 'commander';
import type { DestinationSettings, Selection } from '../config/configuration.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf } from './daemon.ts';
import { paint } from './format.ts';
import { table, type Column } from './table.ts';

export function registerDestination(program: Command): void {
  const destination = program
    .command('destination')
    .description('list the control centres that readings go to, and test the way there')
    .addHelpText('after', examples('weir destination list', 'weir destination test energy-centre'));
  destination
    .command('list')
    .description('list the configured destinations')
    .action(async (_options: unknown, command: Command) => listDestinations(contextOf(command)))
    .addHelpText('after', examples('weir destination list', "weir destination list --json | jq -r '.[].url'"));
}

const columns: readonly Column<DestinationSettings>[] = [
  { title: 'name', cell: ({ name }) => name },
  { title: 'url', cell: ({ url }) => url },
  { title: 'user', cell: ({ user }) => user?.name ?? '' },
  { title: 'selects', cell: ({ select }) => selectionText(select) },
  { title: '', cell: ({ tls }) => (tls?.allowInsecure ? paint('yellow', `not verified: ${tls.allowInsecure}`) : '') },
];

/** `domain energy, water; label city=geneva`. */
function selectionText({ label, ...lists }: Selection): string {
  const named = Object.entries(lists).map(([name, values]) => `${name} ${values.join(', ')}`);
  const labels = Object.entries(label ?? {}).map(([name, values]) => `label ${name}=${values.join(',')}`);
  return [...named, ...labels].join('; ') || 'everything';
}

async function listDestinations(context: Context): Promise<void> {
  const { destinations } = await configurationOf(context);
  const listed = destinations.map(({ name, url, format, user, tls, select }) => ({
    name,
    url,
    format,
    user: user?.name ?? null,
    insecure: tls?.allowInsecure ?? null,
    select,
  }));
  await context.output.result(listed, () => table(columns, destinations));
}
