import type { Command } from 'commander';
import type { JournalQuery } from '../control/control.ts';
import { isoTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { count } from './format.ts';
import { showLines, showTable } from './history/show.ts';
import { journalled, keptBy } from './history/sources.ts';
import { interruption } from './interruption.ts';
import { moment, type Moment } from './moment.ts';
import { integer } from './program.ts';

type HistoryOptions = {
  readonly from?: Moment;
  readonly to?: Moment;
  readonly limit?: number;
  readonly newest?: true;
  readonly csv?: true;
  readonly fromDevice?: true;
};

const HOUR = 3_600_000;
/** A table is made as a whole, to be looked at: for more there are --csv and --json. */
const MOST_ROWS = 1_000;
const MOST_LINES = 1_000_000_000;

const WHAT_IT_SHOWS = `
Times are ISO 8601, in UTC where they name no other zone, or so long ago. A table ends at ${count(MOST_ROWS)} readings unless --limit
says otherwise; --csv and --json give all of them. The newest seconds may still be on their way into the journal
(journal.commit). While the daemon is stopped the journal is read from its files, and the daemon cannot start meanwhile.
With --from-device what the device measured is told with the times of its own clock.`;

export function registerHistory(program: Command): void {
  program
    .command('history')
    .description('show what the journal holds of points, or with --from-device what a device has kept by itself')
    .argument('<device-or-point...>', 'devices (all of their points) or single points, like main-meter/active-power')
    .option('--from <time>', 'since then: so long ago, like 2h, or a time (default: an hour before --to)', moment)
    .option('--to <time>', 'until then (default: now)', moment)
    .option('--limit <number>', 'so many readings at most', integer(1, MOST_LINES))
    .option('--newest', 'the newest readings, newest first')
    .option('--csv', 'as CSV (RFC 4180) with a header')
    .option('--from-device', 'ask the device for what it has kept itself, where its protocol has a memory')
    .action(async (names: string[], options: HistoryOptions, command: Command) =>
      showHistory(names, options, contextOf(command)),
    )
    .addHelpText('after', WHAT_IT_SHOWS)
    .addHelpText(
      'after',
      examples(
        'weir history main-meter/active-power',
        'weir history main-meter/active-power --from 2h --newest --limit 100',
        'weir history main-meter boiler --from 2026-11-30 --to 2026-11-30T12:00 --csv > morning.csv',
        'weir history main-meter/active-energy-import --from 7d --from-device --json | jq .value',
      ),
    );
}

async function showHistory(names: readonly string[], options: HistoryOptions, context: Context): Promise<void> {
  const form = formOf(options, context);
  const most = options.limit ?? (form === 'table' ? MOST_ROWS : undefined);
  const query = {
    names,
    ...spanOf(options, context),
    newestFirst: options.newest ?? false,
    // One more than a table may have tells whether that is all.
    ...(most !== undefined && { most: form === 'table' ? most + 1 : most }),
  };
  const signal = interruption();
  const readings = options.fromDevice ? keptBy(query, context, signal) : journalled(query, context, signal);
  if (form === 'table') await showTable(readings, { query, most: most ?? MOST_ROWS }, context);
  else await showLines(readings, form, context);
  signal.throwIfAborted();
}

function formOf({ csv }: HistoryOptions, { output }: Context): 'table' | 'csv' | 'json' {
  if (csv && output.json) throw new GatewayError('usage', '--csv and --json exclude each other: leave one out');
  if (output.json) return 'json';
  return csv ? 'csv' : 'table';
}

function spanOf(options: HistoryOptions, { clock }: Context): Pick<JournalQuery, 'from' | 'to'> {
  const now = clock.wall();
  const to = options.to?.(now) ?? now;
  const from = options.from?.(now) ?? to - HOUR;
  if (from <= to) return { from, to };
  throw new GatewayError('usage', `--from is ${isoTime(from)}, which is after --to, ${isoTime(to)}`);
}
