import type { Command } from 'commander';
import type { DeviceSettings } from '../../config/configuration.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { count, duration } from '../format.ts';
import { table, type Column } from '../table.ts';

export function registerList(device: Command): void {
  device
    .command('list')
    .description('list the configured devices')
    .action(async (_options: unknown, command: Command) => listDevices(contextOf(command)))
    .addHelpText('after', examples('weir device list', "weir device list --json | jq -r '.[].id'"));
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
