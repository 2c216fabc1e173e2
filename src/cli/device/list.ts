import type { Command } from 'commander';
import { configuredTarget } from '../../collect/direct.ts';
import type { DeviceSettings } from '../../config/configuration.ts';
import { drivers } from '../../drivers.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { count, duration, paint, plural } from '../format.ts';
import { table, type Column } from '../table.ts';
import { plannedPolls, type PlannedPoll } from './polls.ts';

export function registerList(device: Command): void {
  device
    .command('list')
    .description('list the configured devices')
    .option('--plan', 'show what each poll asks of the bus, and how long that takes')
    .action(async ({ plan }: { plan?: true }, command: Command) => {
      await (plan ? listPolls : listDevices)(contextOf(command));
    })
    .addHelpText(
      'after',
      examples('weir device list', 'weir device list --plan', "weir device list --json | jq -r '.[].id'"),
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

async function listPolls(context: Context): Promise<void> {
  const configuration = await configurationOf(context);
  const listed = await Promise.all(
    configuration.devices.map(async (device) => {
      const target = await configuredTarget(configuration, device.connection, drivers);
      return { id: device.id, connection: device.connection, polls: plannedPolls(target, device) };
    }),
  );
  await context.output.result(listed, () =>
    listed.flatMap(({ id, polls }) => polls.flatMap((poll) => pollLines(id, poll))).join('\n'),
  );
}

function pollLines(id: string, { every, requests, busTime }: PlannedPoll): readonly string[] {
  const takes = `${plural(requests.length, 'request')}, ${duration(busTime)} on the bus`;
  return [`${id} ${paint('dim', `every ${duration(every)}: ${takes}`)}`, ...requests.map((request) => `  ${request}`)];
}
