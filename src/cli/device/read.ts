import { Option, type Command } from 'commander';
import { GatewayError } from '../../model/errors.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { interruption } from '../interruption.ts';
import { integer } from '../program.ts';
import { scaledColumns } from '../readings.ts';
import { table } from '../table.ts';
import { isAdHoc, takesConnection, WITHOUT_CONFIGURATION, type ConnectionOptions } from './connection-options.ts';
import { takesPlace } from './place.ts';
import { describedDevice } from './described.ts';
import { reach, type Reached } from './reach.ts';
import { configuredDevice, pointsOf, targetOf } from './target.ts';
import { readPlaces, type ReadPlaceOptions } from './read-places.ts';
import { requireValue } from './verdict.ts';

type ReadOptions = ConnectionOptions & ReadPlaceOptions & { readonly point?: readonly string[] };

const MOST_CELLS = 1_000; // several screens

export function registerRead(device: Command): void {
  const command = device
    .command('read')
    .description('read a device now: through the daemon where it runs, else over its connection')
    .argument(
      '<target>',
      'a device of the configuration; connection/unit before an address, or alone where the device says what it holds',
    )
    .argument(
      '[address...]',
      'places that need not be configured, e.g. "holding 100"; without --type as bare registers',
    )
    .option('--point <name...>', 'only these points, as `active-power` or `main-meter/active-power`');
  takesPlace(command)
    .addOption(
      new Option('--all-orders', 'read one address as every type and order, and mark what is plausible').conflicts([
        'type',
        'order',
        'scale',
        'count',
      ]),
    )
    .addOption(
      new Option('--count <number>', 'so many registers or bits from there on')
        .argParser(integer(1, MOST_CELLS))
        .conflicts(['type', 'order', 'scale']),
    );
  takesConnection(command)
    .action(async (target: string, places: string[], options: ReadOptions, self: Command) => {
      const context = contextOf(self);
      if (places.length === 0) await readDevice(target, options, context);
      else if (options.point === undefined) await readPlaces(target, places, options, context);
      else throw new GatewayError('usage', '--point is for configured points: leave it out, or the address');
    })
    .addHelpText(
      'after',
      `${examples(
        'weir device read main-meter',
        'weir device read main-meter --point active-power voltage-l1 --json',
        'weir device read basement/3 "holding 100" --count 16',
        'weir device read basement/3 "holding 100" --all-orders',
        'weir device read basement/3 "holding 100" "holding 102" --type float32 --order CDAB',
        'weir device read modbus/1 "input 0" --type float32 --host 192.0.2.10',
        'weir device read sml --path /dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0',
      )}\n${WITHOUT_CONFIGURATION}\n${EXIT_CODES}`,
    );
}

const EXIT_CODES = `Exit code 0: it gave a value, if only one: the quality beside each says of which; 1: it gave none; 69: it does not answer.`;

/** What only an address gives a meaning to. */
const placeOptions = ['type', 'order', 'scale', 'allOrders', 'count'] as const;

async function readDevice(device: string, options: ReadOptions, context: Context): Promise<void> {
  if (placeOptions.some((option) => options[option] !== undefined)) {
    throw new GatewayError('usage', `${device}: name an address to be read there, e.g. "holding 100"`);
  }
  const signal = interruption();
  const isConfigured = !isAdHoc(options) && !device.includes('/');
  const target = isConfigured ? await configuredDevice(device, context) : await targetOf(device, options, context);
  const read = target.device ?? (await describedDevice(target));
  const points = pointsOf(read, options.point);
  await using reached = await reach(target.connection, context, 'told', target.device === undefined ? [read] : []);
  if (target.device === undefined) requireOwnLine(reached, device);
  using _progress = context.output.progress(`reading ${device}`);
  const readings = await reached.readDevice(read.id, points, signal);
  const order = read.points.map(({ definition }) => definition.id);
  const sorted = readings.toSorted((a, b) => order.indexOf(a.point) - order.indexOf(b.point));
  const scales = new Map(read.points.map(({ definition, processing }) => [definition.id, processing]));
  const columns = scaledColumns((point) => scales.get(point));
  await context.output.result(sorted, () => table(columns, sorted));
  requireValue(`device ${device}`, readings);
}

/** A daemon reads as a whole only what it has been told of. */
function requireOwnLine({ through }: Reached, name: string): void {
  if (through === 'command') return;
  throw new GatewayError(
    'usage',
    `${name} is not configured: name an address to be read there, or add it (\`weir device add\`)`,
  );
}
