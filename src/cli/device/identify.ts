import type { Command } from 'commander';
import type { Identity } from '../../collect/driver.ts';
import type { UnknownLine } from '../../collect/recognition.ts';
import { GatewayError } from '../../model/errors.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { paint, plural, printable } from '../format.ts';
import { interruption } from '../interruption.ts';
import type { Ticker } from '../output.ts';
import { table, type Column } from '../table.ts';
import { isAdHoc, takesConnection, WITHOUT_CONFIGURATION, type ConnectionOptions } from './connection-options.ts';
import type { Lookalike, Search } from './lookalikes.ts';
import { reach, type Reached } from './reach.ts';
import { snippetFor, snippetText, type Snippet } from './snippet.ts';
import { targetOf, type Target } from './target.ts';

export function registerIdentify(device: Command): void {
  const command = device
    .command('identify')
    .description('ask a device what it is, and find the profiles that it looks like; or find out what is on a line')
    .argument(
      '<target>',
      'a device of the configuration; connection/unit, or a connection alone where it has one device; a port or host:port of which nothing is known',
    );
  takesConnection(command)
    .action(async (name: string, options: ConnectionOptions, self: Command) => identify(name, options, contextOf(self)))
    .addHelpText(
      'after',
      `${examples(
        'weir device identify basement/3',
        'weir device identify main-meter --json',
        'weir device identify modbus/1 --host 192.0.2.10',
        'weir device identify /dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0',
        'weir device identify 192.0.2.11:4001',
      )}\n${WITHOUT_CONFIGURATION}
Of a port or host:port it finds out the protocol and its settings: it listens first, and then asks.`,
    );
}

async function identify(name: string, options: ConnectionOptions, context: Context): Promise<void> {
  const line = isAdHoc(options) ? undefined : lineNamed(name);
  if (line !== undefined) {
    const { identifyLine } = await import('./identify-line.ts');
    await identifyLine(name, line, context);
    return;
  }
  const signal = interruption();
  const target = await targetOf(name, options, context);
  await using reached = await reach(target.connection, context, 'expected');
  using ticker = context.output.ticker();
  ticker.show(`asking ${name} what it is`);
  const identity = await factsOf(target, reached, signal);
  const search = await lookAround(target, reached, { ...context, ticker, facts: identity?.facts ?? [] }, signal);
  ticker[Symbol.dispose]();
  if (saysNothing(identity) && !search.answered) throw new GatewayError('no-answer', `${name} does not answer`);
  const known = identity ?? { facts: [] };
  const snippet = proposal(target, known, search.found);
  await context.output.result(
    { device: target.keys, facts: known.facts, describes: known.describes ?? null, ...searchDocument(search), snippet },
    () => report(name, known, search, snippet),
  );
}

const HIGHEST_PORT = 65_535;

/** The line that `name` means: the path of a port, or `host:port` of a device server; undefined where it is another name. */
function lineNamed(name: string): UnknownLine | undefined {
  if (/^\.{0,2}\//.test(name)) return { path: name };
  const [, host, port] = /^\[?([^\]/]+)\]?:(\d+)$/.exec(name) ?? [];
  if (host === undefined || Number(port) > HIGHEST_PORT) return undefined;
  return { host, port: Number(port) };
}

function saysNothing(identity: Identity | undefined): boolean {
  return identity === undefined || (identity.facts.length === 0 && identity.describes === undefined);
}

/** What the device says of itself; undefined where it says nothing at all. */
async function factsOf(target: Target, { commissioning }: Reached, signal: AbortSignal): Promise<Identity | undefined> {
  try {
    return await commissioning.identify(target.keys, signal);
  } catch (error) {
    const says = error instanceof GatewayError ? error.code : undefined;
    // Many devices stay silent to what they do not know, and some protocols have no such question.
    if (says === 'no-answer' || says === 'device-refused' || says === 'answer-malformed' || says === 'usage')
      return undefined;
    throw error;
  }
}

async function lookAround(
  target: Target,
  { commissioning }: Reached,
  { clock, configurationFile, facts, ticker }: Context & Pick<Identity, 'facts'> & { readonly ticker: Ticker },
  signal: AbortSignal,
): Promise<Search> {
  const { candidatesAmong, profilesFor, searchLookalikes } = await import('./lookalikes.ts');
  const { namesakes } = await import('./namesakes.ts');
  const { profileFolders } = await import('../../config/profile-folders.ts');
  const profiles = await profilesFor(target.connection.driver.name, profileFolders(configurationFile));
  const progress = (done: number, total: number): void => ticker.show(`comparing with profile ${done + 1} of ${total}`);
  const search = { commissioning, clock, progress, named: namesakes(profiles, facts) };
  return searchLookalikes(target.keys, candidatesAmong(profiles), search, signal);
}

function searchDocument({ found, tried, candidates, ended }: Search): object {
  return { looksLike: found, tried, candidates, ended: ended ?? null };
}

/** Whether as much speaks for the second as for the first. */
function isTie([first, second]: readonly Lookalike[]): boolean {
  return first !== undefined && second !== undefined && second.evidence.length === first.evidence.length;
}

/** What a configuration needs; a profile only where one stands out, none where the device describes its points itself. */
function proposal({ connection, keys }: Target, { describes }: Identity, found: readonly Lookalike[]): Snippet {
  const [best] = found;
  const profile = describes === undefined && !isTie(found) ? best?.profile : undefined;
  return snippetFor(connection, [{ device: keys, profile }]);
}

const lookalikeColumns: readonly Column<Lookalike>[] = [
  { title: 'profile', cell: ({ profile }) => profile },
  { title: 'device', cell: ({ vendor, model }) => `${vendor} ${model}` },
  { title: 'because', cell: ({ evidence }) => printable(evidence.join(', ')) },
];

async function report(name: string, { facts, describes }: Identity, search: Search, snippet: Snippet): Promise<string> {
  const width = Math.max(0, ...facts.map((fact) => fact.name.length));
  const said = facts.map((fact) => `  ${paint('dim', fact.name.padEnd(width))}  ${printable(fact.value)}`);
  const itself =
    describes === undefined ? [] : [`  ${paint('green', '✓')} describes its points by itself: ${printable(describes)}`];
  const head = [
    paint('bold', name),
    ...(said.length + itself.length === 0 ? ['  says nothing of itself'] : [...said, ...itself]),
  ];
  return [
    head.join('\n'),
    await likenessText(search),
    `${paint('dim', '# for weir.yaml, with names of your own:')}\n${await snippetText(snippet)}`,
  ].join('\n\n');
}

const titles = {
  fingerprint: 'looks like',
  name: 'says that it is',
  values: 'could be, by its values alone',
} as const satisfies Record<Lookalike['by'], string>;

async function likenessText({ found, tried, candidates, ended }: Search): Promise<string> {
  if (candidates === 0) return 'there is no profile to compare it with';
  const asked = `${tried} of ${plural(candidates, 'profile')} with something to tell it by`;
  const why = ended === undefined ? '' : `: ${ended}`;
  const [first] = found;
  if (first === undefined) {
    return `looks like none of ${ended === undefined ? `the ${asked.replace(/^\d+ of /, '')}` : asked}${why}`;
  }
  const hint = isTie(found)
    ? `\n${paint('dim', 'These cannot be told apart from here: compare with the plate of the device.')}`
    : '';
  return `${paint('bold', titles[first.by])}\n${await table(lookalikeColumns, found)}${hint}`;
}
