import type { Command } from 'commander';
import { contextOf, examples, type Context } from '../context.ts';
import { paint, plural, printable } from '../format.ts';
import { interruption } from '../interruption.ts';
import { integer } from '../program.ts';
import { takesConnection, type ConnectionOptions } from './connection-options.ts';
import { reach } from './reach.ts';
import { namedConnection } from './target.ts';
import { isAbout, walk, type FoundNode } from './walk.ts';

type Options = ConnectionOptions & {
  readonly depth: number;
  readonly search?: string;
  readonly standard?: true;
};

const DEEPEST = 30;

export function registerBrowse(device: Command): void {
  const command = device
    .command('browse')
    .description('look through the tree of what a server holds: values, types, and what may be written')
    .argument('<connection>', 'its id in the configuration')
    .argument('[place]', 'where to begin, as browse shows it; the top of the tree without')
    .option('--depth <levels>', 'how far down to look', integer(1, DEEPEST), 4)
    .option('--search <text>', 'only what has this in its name, place or description')
    .option('--standard', 'also what belongs to the protocol itself');
  takesConnection(command)
    .action(async (name: string, place: string | undefined, options: Options, self: Command) =>
      browse(name, place, options, contextOf(self)),
    )
    .addHelpText(
      'after',
      examples(
        'weir device browse plant',
        'weir device browse plant --search temperature --depth 8',
        'weir device browse plant "nsu=urn:vendor:press;s=Axes" --json',
      ),
    );
}

async function browse(name: string, place: string | undefined, options: Options, context: Context): Promise<void> {
  const signal = interruption();
  const { depth, search = '', standard = false } = options;
  const connection = await namedConnection(name, options, context);
  await using reached = await reach(connection, context, 'expected');
  using ticker = context.output.ticker();
  const found: FoundNode[] = [];
  let looked = 0;
  for await (const node of walk(reached.commissioning, { place, depth, standard }, signal)) {
    looked += 1;
    ticker.show(`${plural(looked, 'node')} looked at`);
    if (isAbout(node, search)) found.push(node);
  }
  ticker[Symbol.dispose]();
  const nothing = search === '' ? 'There is nothing.' : `None of ${plural(looked, 'node')} has a word about ${search}.`;
  await context.output.result(found, () =>
    found.length === 0 ? nothing : found.map((node) => line(node, search !== '')).join('\n'),
  );
}

const marks = { read: ' ', write: 'w', none: '-' } as const;

/** A node in the tree; what was searched for stands with the names above it instead. */
function line({ depth, path, name, place, value, description }: FoundNode, isFlat: boolean): string {
  const title = isFlat ? path.join('/') : `${'  '.repeat(depth)}${name}`;
  const mark = value === undefined ? ' ' : marks[value.access];
  const held = value === undefined ? '' : `${printable(value.text).slice(0, 40)}  ${paint('dim', value.type)}`;
  const words = description === undefined ? '' : paint('dim', `  ${printable(description).slice(0, 60)}`);
  return `${mark} ${printable(title).padEnd(36)}  ${held.padEnd(24)}  ${printable(place)}${words}`.trimEnd();
}
