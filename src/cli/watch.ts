import type { Command } from 'commander';
import type { ReadingFilter } from '../control/control.ts';
import type { Clock } from '../model/clock.ts';
import type { ShownReading } from '../model/status.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonAt } from './daemon.ts';
import { findDevice, findPoint } from './find.ts';
import { paint, qualityText, valueText } from './format.ts';
import { interruption } from './interruption.ts';
import { liveScreen } from './live-screen.ts';
import { latestReadings } from './readings.ts';

type WatchOptions = { readonly device?: string[]; readonly point?: string[]; readonly lines?: true };

export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('show readings as they are taken: a live table on a terminal, else one line a reading')
    .option('--device <id...>', 'of these devices only')
    .option('--point <device/point...>', 'of these points only')
    .option('--lines', 'one line a reading on a terminal too')
    .action(async (options: WatchOptions, command: Command) => watch(options, contextOf(command)))
    .addHelpText(
      'after',
      examples(
        'weir watch',
        'weir watch --device main-meter boiler',
        'weir watch --point main-meter/active-power --json | jq .value',
      ),
    );
}

async function watch({ device, point, lines }: WatchOptions, context: Context): Promise<void> {
  const configuration = await configurationOf(context);
  device?.forEach((id) => findDevice(configuration, id)); // a name that does not exist would show nothing, for ever
  point?.forEach((id) => findPoint(findDevice(configuration, id.split('/', 1).join()), id));
  const daemon = await daemonAt(configuration.control.socket, context);
  const filter: ReadingFilter = { ...(device && { device }), ...(point && { point }) };
  const signal = interruption();
  const readings = daemon.watch(filter, signal);
  if (context.output.json) await eachReading(readings, (reading) => context.output.line(JSON.stringify(reading)));
  else if (lines || !process.stdout.isTTY)
    await eachReading(readings, (reading) => context.output.line(lineOf(reading)));
  else await liveTable(readings, context.clock);
}

type Readings = AsyncIterable<readonly ShownReading[]>;

async function eachReading(readings: Readings, show: (reading: ShownReading) => unknown): Promise<void> {
  for await (const batch of readings) batch.forEach(show);
}

function lineOf(reading: ShownReading): string {
  const quality = reading.quality === 'good' ? '' : ` ${qualityText(reading)}`;
  return `${paint('dim', reading.time)} ${reading.point} ${valueText(reading)}${quality}`;
}

/** Milliseconds between two drawings. */
const REDRAW = 250;

async function liveTable(readings: Readings, clock: Clock): Promise<void> {
  const latest = new Map<string, ShownReading>();
  const draw = async (rows: number): Promise<string> =>
    latest.size === 0 ? 'waiting for readings…' : latestReadings([...latest.values()], rows);
  using _screen = liveScreen(draw, REDRAW, clock);
  await eachReading(readings, (reading) => latest.set(reading.point, reading));
}
