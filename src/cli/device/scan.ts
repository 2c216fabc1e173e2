import { Option, type Command } from 'commander';
import type { ScanProgress } from '../../collect/commissioning.ts';
import type { ScanRange } from '../../collect/driver.ts';
import type { Clock } from '../../model/clock.ts';
import { GatewayError } from '../../model/errors.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { interruption } from '../interruption.ts';
import { ranges } from '../ranges.ts';
import { takesConnection, withoutRange, WITHOUT_CONFIGURATION, type ConnectionOptions } from './connection-options.ts';
import { reach } from './reach.ts';
import { conclusion, foundDocument, foundLine, progressText, type Found, type Scanned } from './scan-report.ts';
import { namedConnection, type NamedConnection } from './target.ts';

type ScanOptions = ConnectionOptions & {
  readonly units?: readonly number[];
  readonly address?: readonly number[];
  readonly allSettings?: true;
};

const HIGHEST_ADDRESS = 65_535; // each driver knows its own, which is lower

export function registerScan(device: Command): void {
  const addresses = ranges(0, HIGHEST_ADDRESS);
  const command = device
    .command('scan')
    .description('look who is on a connection, address by address; polls of a running gateway go on between them')
    .argument('<connection>', 'its id in the configuration, or a driver with --host or --path')
    .addOption(new Option('--units <list>', 'addresses to ask, e.g. 1-32,40 (default: all)').argParser(addresses))
    .addOption(new Option('--address <list>', 'the same by another name').argParser(addresses).conflicts('units'))
    .option('--all-settings', 'try all usual bauds and parities that are not named, one after the other');
  takesConnection(command, 'several settings')
    .action(async (name: string, options: ScanOptions, self: Command) => scan(name, options, contextOf(self)))
    .addHelpText(
      'after',
      `${examples(
        'weir device scan basement',
        'weir device scan basement --units 1-32,40',
        'weir device scan basement --all-settings',
        'weir device scan modbus --path /dev/ttyUSB0 --baud 9600,19200 --parity none,even',
        'weir device scan modbus --host 192.0.2.10 --units 1-10 --json',
      )}\n${WITHOUT_CONFIGURATION}\nOf a serial line without one all usual bauds and parities are tried that are not named.\nCtrl-C ends it with what was found so far.`,
    );
}

/** What a scan has come to. */
type Outcome = { readonly found: Found[]; last: ScanProgress | undefined };

async function scan(name: string, options: ScanOptions, context: Context): Promise<void> {
  const signal = interruption();
  const connection = await namedConnection(name, withoutRange(options), context);
  await using reached = await reach(connection, context, 'expected');
  const outcome: Outcome = { found: [], last: undefined };
  const elapsed = stopwatch(context.clock);
  try {
    const steps = reached.commissioning.scan(rangeOf(options, connection), signal);
    await follow(steps, outcome, elapsed, context);
    signal.throwIfAborted();
  } finally {
    // Ctrl-C and a connection that breaks leave what was found until then.
    if (outcome.last !== undefined) await conclude(connection, { ...outcome, elapsed: elapsed() }, context);
  }
  if (outcome.found.length === 0) throw new GatewayError('no-answer', `nobody answers on ${connection.id}`);
}

function stopwatch(clock: Clock): () => number {
  const began = clock.monotonic();
  return () => clock.monotonic() - began;
}

/** On a line that nobody has configured, what is not named is not known. */
function rangeOf(
  { units, address, baud, parity, allSettings }: ScanOptions,
  { configuration }: NamedConnection,
): ScanRange {
  const isAll = allSettings === true || configuration === undefined;
  const asked = { addresses: units ?? address, bauds: baud, parities: parity, ...(isAll && { allSettings: isAll }) };
  return Object.fromEntries(Object.entries(asked).filter(([, part]) => part !== undefined));
}

async function follow(
  steps: AsyncIterable<ScanProgress>,
  outcome: Outcome,
  elapsed: () => number,
  { output }: Context,
): Promise<void> {
  using ticker = output.ticker();
  for await (const step of steps) {
    outcome.last = step;
    const { found } = step;
    if (found !== undefined) {
      outcome.found.push({ ...step, found });
      output.line(output.json ? JSON.stringify(foundDocument({ ...step, found })) : foundLine({ ...step, found }));
    }
    ticker.show(progressText(step, elapsed()));
  }
}

async function conclude(connection: NamedConnection, scanned: Scanned, { output }: Context): Promise<void> {
  const { document, text, advice } = await conclusion(connection, scanned);
  output.line(output.json ? JSON.stringify(document) : text);
  if (advice !== undefined) output.note(advice);
}
