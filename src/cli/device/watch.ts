import { Option, type Command } from 'commander';
import { isoTime } from '../../model/clock.ts';
import { GatewayError } from '../../model/errors.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { count, paint, qualityText, shortNumber, valueText } from '../format.ts';
import { interruption } from '../interruption.ts';
import { liveScreen } from '../live-screen.ts';
import { period } from '../ranges.ts';
import { table, type Column } from '../table.ts';
import { isAdHoc, takesConnection, WITHOUT_CONFIGURATION, type ConnectionOptions } from './connection-options.ts';
import { readableKeys, scaled, takesPlace, type PlaceOptions } from './place.ts';
import { reach, type Reached } from './reach.ts';
import { tallied, type Observed, type Tally } from './tally.ts';
import { addressedTarget, configuredDevice, pointsOf, type Target } from './target.ts';

type WatchOptions = ConnectionOptions &
  PlaceOptions & { readonly point?: readonly string[]; readonly every: number; readonly lines?: true };

export function registerDeviceWatch(device: Command): void {
  const command = device
    .command('watch')
    .description('read a device again and again, and show what changes: a live table on a terminal, else lines')
    .argument('<target>', 'a device of the configuration; or connection/unit, before an address')
    .argument('[address...]', 'places that need not be configured, e.g. "holding 100"')
    .option('--point <name...>', 'only these points of a configured device')
    .addOption(
      new Option('--every <duration>', 'time from one read to the next')
        .argParser(period('100ms', '1h'))
        .default(1_000, '1s'),
    )
    .option('--lines', 'one line for each value that changed, on a terminal too');
  takesConnection(takesPlace(command))
    .action(async (target: string, places: string[], options: WatchOptions, self: Command) =>
      watch(target, places, options, contextOf(self)),
    )
    .addHelpText(
      'after',
      `${examples(
        'weir device watch main-meter --point active-power voltage-l1',
        'weir device watch basement/3 "holding 100" "holding 101" --type int16 --every 500ms',
        'weir device watch modbus/1 "input 0" --type float32 --host 192.0.2.10 --json',
      )}\n${WITHOUT_CONFIGURATION}\nIt asks the device itself, ahead of the polls; \`weir watch\` only shows what is polled.`,
    );
}

async function watch(name: string, places: readonly string[], options: WatchOptions, context: Context): Promise<void> {
  const { output, clock } = context;
  const signal = interruption();
  const watched = await watchedTarget(name, places, options, context);
  await using reached = await reach(watched.target.connection, context);
  const tallies = new Map<string, Tally>();
  const isLive = !output.json && options.lines === undefined && process.stdout.isTTY;
  using _screen = isLive ? liveScreen((rows) => screen(tallies, rows), REDRAW, clock) : undefined;
  const show = isLive ? (): void => undefined : (tally: Tally): void => showLine(tally, context);
  const loop = { read: () => watched.read(reached, signal), tallies, show, every: options.every };
  await untilAborted(loop, context, signal);
}

type Watched = {
  readonly target: Target;
  /** Reads everything that is watched once. */
  readonly read: (reached: Reached, signal: AbortSignal) => Promise<readonly Observed[]>;
};

async function watchedTarget(
  name: string,
  places: readonly string[],
  options: WatchOptions,
  context: Context,
): Promise<Watched> {
  if (places.length > 0) {
    const target = await addressedTarget(name, options, context);
    return { target, read: readingPlaces(target, places, options) };
  }
  if (isAdHoc(options) || name.includes('/')) {
    throw new GatewayError('usage', `${name}: name an address to be watched there, e.g. "holding 100"`);
  }
  const target = await configuredDevice(name, context);
  const points = pointsOf(target.device, options.point);
  return { target, read: (reached, signal) => reached.readDevice(name, points, signal) };
}

function readingPlaces(
  { connection, keys }: Target,
  places: readonly string[],
  options: PlaceOptions,
): Watched['read'] {
  const points = Object.fromEntries(places.map((place) => [place, readableKeys(connection.driver, place, options)]));
  return async ({ commissioning }, signal) => {
    const readings = await commissioning.readAdHoc({ device: keys, points }, signal);
    return readings.map((reading) => scaled(reading, options));
  };
}

type Loop = {
  readonly read: () => Promise<readonly Observed[]>;
  readonly tallies: Map<string, Tally>;
  readonly show: (tally: Tally) => void;
  /** Milliseconds from one beginning to the next. */
  readonly every: number;
};

/** Goes on until it is told to stop; a connection that breaks ends it. */
async function untilAborted(
  { read, tallies, show, every }: Loop,
  { clock }: Context,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const began = clock.monotonic();
      for (const observed of await read()) {
        const tally = tallied(tallies.get(observed.point), observed);
        tallies.set(observed.point, tally);
        if (tally.changed || tally.reads === 1) show(tally);
      }
      await clock.sleep(Math.max(0, began + every - clock.monotonic()), signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function showLine({ latest, changes }: Tally, { output, clock }: Context): void {
  const time = isoTime(clock.wall());
  if (output.json) output.line(JSON.stringify({ time, ...latest, changes }));
  else output.line(`${paint('dim', time)} ${latest.point} ${valueText(latest)}`);
}

const columns: readonly Column<Tally>[] = [
  { title: 'point', cell: ({ latest }) => latest.point },
  {
    title: 'value',
    right: true,
    cell: ({ latest, changed }) => (changed ? paint(['black', 'bgYellow'], valueText(latest)) : valueText(latest)),
  },
  { title: 'quality', cell: ({ latest }) => qualityText(latest) },
  { title: 'least', right: true, cell: ({ least }) => (least === undefined ? '' : shortNumber(least)) },
  { title: 'greatest', right: true, cell: ({ greatest }) => (greatest === undefined ? '' : shortNumber(greatest)) },
  { title: 'changes', right: true, cell: ({ changes }) => count(changes) },
  { title: 'reads', right: true, cell: ({ reads }) => count(reads) },
  { title: 'bad', right: true, cell: ({ bad }) => (bad === 0 ? '' : paint('red', count(bad))) },
];

/** Milliseconds between two drawings. */
const REDRAW = 250;

async function screen(tallies: ReadonlyMap<string, Tally>, rows: number): Promise<string> {
  if (tallies.size === 0) return 'waiting for the first answer…';
  const shown = [...tallies.values()].slice(0, Math.max(1, rows - 2));
  const left = tallies.size - shown.length;
  return (
    (await table(columns, shown)) + (left > 0 ? `\n${paint('dim', `… and ${left} more: choose with --point`)}` : '')
  );
}
