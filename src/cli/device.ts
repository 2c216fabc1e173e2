import type { Command } from 'commander';
import type { DeviceSettings } from '../config/configuration.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonIfRunning } from './daemon.ts';
import { count, duration } from './format.ts';
import { interruption } from './interruption.ts';
import { readingColumns } from './readings.ts';
import { table, type Column } from './table.ts';

export function registerDevice(program: Command): void {
  const device = program
    .command('device')
    .description('list the configured devices, and read them')
    .addHelpText('after', examples('weir device list', 'weir device read main-meter'));
  device
    .command('list')
    .description('list the configured devices')
    .action(async (_options: unknown, command: Command) => listDevices(contextOf(command)))
    .addHelpText('after', examples('weir device list', "weir device list --json | jq -r '.[].id'"));
  device
    .command('read')
    .description('read a device now: through the daemon where it runs, else over its connection')
    .argument('<device>', 'its id in the configuration')
    .option('--point <name...>', 'only these points, as `active-power` or `main-meter/active-power`')
    .action(async (id: string, { point }: { point?: string[] }, command: Command) =>
      readDevice(id, point, contextOf(command)),
    )
    .addHelpText(
      'after',
      examples(
        'weir device read main-meter',
        'weir device read main-meter --point active-power voltage-l1',
        'weir device read main-meter --json',
      ),
    );
}

const deviceColumns: readonly Column<DeviceSettings>[] = [
  { title: 'id', cell: ({ id }) => id },
  { title: 'connection', cell: ({ connection }) => connection },
  { title: 'profile', cell: ({ profile }) => profile ?? '' },
  { title: 'points', right: true, cell: ({ points }) => count(points.length) },
  { title: 'every', right: true, cell: (device) => periodsOf(device).map(duration).join(', ') },
];

/** The different periods of its points, milliseconds, shortest first. */
function periodsOf({ points }: DeviceSettings): readonly number[] {
  return [...new Set(points.map(({ every }) => every))].toSorted((a, b) => a - b);
}

async function listDevices(context: Context): Promise<void> {
  const { devices } = await configurationOf(context);
  const listed = devices.map((device) => ({
    id: device.id,
    connection: device.connection,
    profile: device.profile ?? null,
    every: periodsOf(device),
    points: device.points.map(({ definition }) => definition.name),
  }));
  await context.output.result(listed, () => table(deviceColumns, devices));
}

async function readDevice(device: string, names: readonly string[] | undefined, context: Context): Promise<void> {
  const points = names?.map((name): PointId => (name.startsWith(`${device}/`) ? name : `${device}/${name}`));
  const configuration = await configurationOf(context);
  const signal = interruption();
  using _progress = context.output.progress(`reading ${device}`);
  const daemon = await daemonIfRunning(configuration.control.socket, context);
  const readings = daemon
    ? await daemon.readDevice(device, points, signal)
    : await (await import('./direct-read.ts')).readDirectly(configuration, { device, points }, context, signal);
  const order = configuration.devices.flatMap((each) => each.points.map(({ definition }) => definition.id));
  const sorted = readings.toSorted((a, b) => order.indexOf(a.point) - order.indexOf(b.point));
  await context.output.result(sorted, () => table(readingColumns, sorted));
  if (readings.length > 0 && readings.every(({ reason }) => reason === 'no-answer')) {
    throw new GatewayError('no-answer', `device ${device} does not answer`);
  }
}
