import type { Command } from 'commander';
import type { DestinationSettings, Selection } from '../config/configuration.ts';
import { choices } from '../config/nearest.ts';
import type { DestinationStep } from '../forward/test.ts';
import { GatewayError, type ErrorCode } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonAt } from './daemon.ts';
import { duration, paint, printable } from './format.ts';
import { interruption } from './interruption.ts';
import { table, type Column } from './table.ts';

export function registerDestination(program: Command): void {
  const destination = program
    .command('destination')
    .description('list the control centres that readings go to, pause them, and test the way there')
    .addHelpText('after', examples('weir destination list', 'weir destination test energy-centre'));
  destination
    .command('list')
    .description('list the configured destinations')
    .action(async (_options: unknown, command: Command) => listDestinations(contextOf(command)))
    .addHelpText('after', examples('weir destination list', "weir destination list --json | jq -r '.[].url'"));
  destination
    .command('pause')
    .description('stop delivering to destinations of the running gateway; their readings wait in the journal')
    .argument('<destination...>', 'names in the configuration')
    .action(async (names: string[], _options: unknown, command: Command) => setPaused(names, true, contextOf(command)))
    .addHelpText('after', examples('weir destination pause city', 'weir destination pause city energy-centre'));
  destination
    .command('resume')
    .description('go on delivering; a restart of the gateway does so too')
    .argument('<destination...>', 'names in the configuration')
    .action(async (names: string[], _options: unknown, command: Command) => setPaused(names, false, contextOf(command)))
    .addHelpText('after', examples('weir destination resume city'));
  destination
    .command('test')
    .description('go the way to a destination step by step; a gateway that runs is not disturbed')
    .argument('[destination...]', 'names in the configuration; all of them without any')
    .action(async (names: string[], _options: unknown, command: Command) => testAll(names, contextOf(command)))
    .addHelpText('after', examples('weir destination test energy-centre', 'weir destination test --json | jq .ok'));
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

async function setPaused(names: readonly string[], paused: boolean, context: Context): Promise<void> {
  const { control } = await configurationOf(context);
  const daemon = await daemonAt(control.socket, context);
  for (const name of names) await (paused ? daemon.pause(name) : daemon.resume(name));
  const done = { destinations: names, state: paused ? 'paused' : 'resumed' };
  await context.output.result(done, () => names.map((name) => `${name} is ${done.state}`).join('\n'));
}

/** Which advice helps where a step fails. */
const faults = {
  dns: 'destination-unreachable',
  tcp: 'destination-unreachable',
  tls: 'destination-refused',
  connect: 'destination-refused',
  publish: 'destination-refused',
  'round-trip': 'destination-refused',
} as const satisfies Record<DestinationStep['name'], ErrorCode>;

async function testAll(names: readonly string[], context: Context): Promise<void> {
  const configuration = await configurationOf(context);
  const { destinations } = configuration;
  const unknown = names.find((name) => !destinations.some((each) => each.name === name));
  if (unknown !== undefined) {
    const known = destinations.map(({ name }) => name);
    throw new GatewayError(
      'usage',
      `there is no destination ${unknown}; ${choices(unknown, known, 'weir destination list')}`,
    );
  }
  const chosen = destinations.filter(({ name }) => names.length === 0 || names.includes(name));
  const tested: TestedDestination[] = [];
  for (const destination of chosen) tested.push(await test(destination, configuration.gateway.id, context));
  if (context.output.json)
    context.output.line(JSON.stringify({ ok: tested.every(({ ok }) => ok), destinations: tested }));
  const [failed] = tested.flatMap(({ name, steps }) => steps.filter(({ ok }) => !ok).map((step) => ({ name, step })));
  if (failed !== undefined) throw new GatewayError(faults[failed.step.name], `${failed.name}: ${failed.step.detail}`);
}

type TestedDestination = { readonly name: string; readonly ok: boolean; readonly steps: readonly DestinationStep[] };

/** Goes the way to one destination, telling each step as it is done. */
async function test(settings: DestinationSettings, gateway: string, context: Context): Promise<TestedDestination> {
  const { testDestination } = await import('../forward/test.ts');
  const { readSecret } = await import('../wire/secrets.ts');
  const { clock, output } = context;
  const steps: DestinationStep[] = [];
  if (!output.json) output.line(paint('bold', `${settings.name}  ${settings.url}`));
  using _progress = output.progress(`testing ${settings.name}`);
  for await (const step of testDestination(settings, { gateway, clock, readSecret }, interruption())) {
    steps.push(step);
    if (!output.json) output.line(stepLine(step));
  }
  return { name: settings.name, ok: steps.every(({ ok }) => ok), steps };
}

function stepLine({ name, ok, detail, milliseconds }: DestinationStep): string {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  return `${mark} ${name.padEnd(8)} ${printable(detail)} ${paint('dim', `(${duration(milliseconds)})`)}`;
}
