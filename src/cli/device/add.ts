import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fittingName } from '../../collect/discovery.ts';
import type { AddedDevice } from '../../config/edit.ts';
import { GatewayError, messageOf } from '../../model/errors.ts';
import { confirm, refuseUnlessAsked } from '../confirm.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { paint, plural, printable } from '../format.ts';
import { interruption } from '../interruption.ts';
import { integer } from '../program.ts';
import { reach } from './reach.ts';
import { namedConnection } from './target.ts';
import { isAbout, walk, type FoundNode } from './walk.ts';

type Options = {
  readonly connection: string;
  readonly fromBrowse: readonly string[] | true;
  readonly search?: string;
  readonly depth: number;
  readonly yes?: true;
};

const DEEPEST = 30;

export function registerAdd(device: Command): void {
  device
    .command('add')
    .description('put a device with points from the tree of a server into the configuration; comments in it stay')
    .argument('<id>', 'of the device, new or there already')
    .requiredOption('--connection <id>', 'the connection that it is on')
    .requiredOption('--from-browse [places...]', 'take the values below these places, as browse shows them')
    .option('--search <text>', 'only those that have this in their name, place or description')
    .option('--depth <levels>', 'how far down to look', integer(1, DEEPEST), 4)
    .option('--yes', 'ask nothing')
    .action(async (id: string, options: Options, self: Command) => add(id, options, contextOf(self)))
    .addHelpText(
      'after',
      examples(
        'weir device add press-4 --connection plant --from-browse "nsu=urn:vendor:press;s=Press4"',
        'weir device add boiler --connection plant --from-browse --search temperature --yes',
      ),
    );
}

async function add(id: string, options: Options, context: Context): Promise<void> {
  if (options.yes !== true) refuseUnlessAsked('--yes');
  const signal = interruption();
  const connection = await namedConnection(options.connection, {}, context);
  await using reached = await reach(connection, context, 'expected');
  const points = pointsOf(await collect(reached.commissioning, options, context, signal));
  const names = Object.keys(points);
  if (names.length === 0) throw new GatewayError('usage', 'nothing was found there that could be read as a point');
  const device: AddedDevice = { id, keys: { connection: options.connection }, points };
  for (const [name, keys] of Object.entries(points))
    context.output.note(`  ${name}: ${printable(JSON.stringify(keys))}`);
  const question = `Add ${plural(names.length, 'point')} to ${id} in ${context.configurationFile}?`;
  if (options.yes !== true && !(await confirm(question, signal)))
    throw new GatewayError('usage', 'nothing was changed');
  await edit(device, context);
  await context.output.result({ device: id, points }, () =>
    [
      `${paint('green', '✓')} ${plural(names.length, 'point')} added to ${id} in ${context.configurationFile}`,
      'Look through their names and units, then restart the gateway.',
    ].join('\n'),
  );
}

async function collect(
  commissioning: Parameters<typeof walk>[0],
  { fromBrowse, search = '', depth }: Options,
  { output }: Context,
  signal: AbortSignal,
): Promise<readonly FoundNode[]> {
  using _progress = output.progress('looking through the tree');
  const places = fromBrowse === true ? [undefined] : fromBrowse;
  const found: FoundNode[] = [];
  for (const place of places) {
    for await (const node of walk(commissioning, { place, depth, standard: false }, signal)) {
      if (node.isStandard !== true && node.point !== undefined && isAbout(node, search)) found.push(node);
    }
  }
  return found;
}

/** Points by names that a configuration can have; they are the server's own, which companion standards have agreed on. */
function pointsOf(found: readonly FoundNode[]): AddedDevice['points'] {
  const taken = new Set<string>();
  return Object.fromEntries(
    found.map(({ path, point = {} }) => {
      const name = fittingName(path.join('.'), taken);
      taken.add(name);
      return [name, point];
    }),
  );
}

/** Changes the file, and changes it back where it would be wrong then. */
async function edit(device: AddedDevice, { configurationFile }: Context): Promise<void> {
  const [{ withDevice }, { loadConfiguration }, { drivers }] = await Promise.all([
    import('../../config/edit.ts'),
    import('../../config/load.ts'),
    import('../../drivers.ts'),
  ]);
  const before = await readFile(configurationFile, 'utf8');
  await replace(configurationFile, withDevice(before, device));
  try {
    await loadConfiguration(configurationFile, drivers, { secrets: 'unchecked' });
  } catch (error) {
    await replace(configurationFile, before);
    const message = `nothing was changed, for it would be wrong then: ${messageOf(error)}`;
    throw new GatewayError('configuration-invalid', message, { cause: error });
  }
}

/** The whole new text or the whole old one, whatever happens; the permissions stay. */
async function replace(file: string, text: string): Promise<void> {
  const { mode } = await stat(file);
  const fresh = `${file}.new`;
  try {
    await writeFile(fresh, text, { mode, flush: true });
    await rename(fresh, file);
  } catch (error) {
    throw new GatewayError('output-failed', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
