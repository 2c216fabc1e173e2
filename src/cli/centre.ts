import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Centre } from '../centre/centre.ts';
import type { CentreReport } from '../centre/report.ts';
import type { Clock } from '../model/clock.ts';
import { registerCentreCommands } from './centre-command.ts';
import { brokerSettings, withBrokerOptions, type BrokerOptions } from './centre-broker.ts';
import { checkShare, openKeeping, withKeepingOptions, type KeepingOptions } from './centre-keeping.ts';
import { CentreProgress } from './centre-progress.ts';
import { registerCentreReport, showStore } from './centre-report.ts';
import { centreScreen } from './centre-screen.ts';
import { contextOf, examples, type Context } from './context.ts';
import { plural } from './format.ts';
import { interruption } from './interruption.ts';
import { integer } from './program.ts';

type CentreOptions = BrokerOptions &
  KeepingOptions & {
    readonly gateway?: string;
    readonly seconds?: number;
    readonly untilContiguous?: true;
    readonly fromStart?: true;
    readonly repair?: true;
    readonly every?: number;
    readonly remember: number;
  };

const A_YEAR = 366 * 86_400; // seconds
const MOST_REMEMBERED = 1_000_000_000;

const WHAT_IT_PROVES = `
The report says, for each gateway and each epoch of its journal, whether the ranges that arrived are contiguous.
  missing   sequences that neither arrived nor were announced as lost
  lost      readings that the gateway announced as lost, with its reason
  repeats   readings that arrived again; each is compared with the first delivery
Exit code 0: something arrived, nothing is missing, no repeat differs, no message was rejected; 1: otherwise.

Without --client-id the centre sees only what is sent while it runs. With it the broker keeps the rest for a week, as
much as its own limits allow (mosquitto: max_queued_messages). A message is acknowledged once it is in the output.
A store also keeps the coverage: the next run goes on where this one ended, and \`weir centre report\` says what is in it.
In NDJSON and CSV each run begins anew. Both get each reading once; its unit only where that is not the one in the
catalogue. A gateway that knows the time better by now has times corrected: a store changes them, NDJSON has a line that
says so, CSV keeps what was written, with \`clock\` where a time was not for sure. A database that goes away is waited for, and nothing is acknowledged meanwhile. Its password comes from
PGPASSFILE or PGPASSWORD; beyond this machine its certificate is verified unless the url has an sslmode.

With --share any number of centres take turns: each gets a part of the messages, in one PostgreSQL store they are joined.
The broker must speak MQTT 5, and each centre needs a --client-id of its own.`;

export function registerCentre(program: Command): void {
  const centre = withBrokerOptions(withKeepingOptions(program.command('centre')))
    .description('receive from gateways as a control centre does, and prove that nothing is missing; Ctrl-C ends it')
    .option('--gateway <id>', 'this gateway only')
    .option('--seconds <number>', 'end after this time', integer(1, A_YEAR))
    .option('--until-contiguous', 'end as soon as something arrived and nothing is missing')
    .option('--from-start', 'what came before the first message is missing too')
    .option('--repair', 'ask the gateways for what stays missing, where their configuration lets this centre')
    .option('--every <seconds>', 'with --json: a report each time, not only at the end', integer(1, A_YEAR))
    .option('--remember <readings>', 'compare repeats with so many', integer(1, MOST_REMEMBERED), 4_000_000)
    .action(async (options: CentreOptions, command: Command) => receive(options, contextOf(command)))
    .addHelpText('after', WHAT_IT_PROVES)
    .addHelpText(
      'after',
      examples(
        'weir centre',
        'weir centre --gateway harbour-07 --seconds 60 --json',
        'weir centre --url mqtts://broker.example --ca ca.pem --client-id archive --store readings.sqlite',
        'weir centre --share city --client-id centre-2 --store postgres://weir@db.example/city',
        'weir centre --client-id archive --store readings.sqlite --repair',
        'weir centre --from-start --until-contiguous --seconds 300 --quiet && echo "everything is here"',
      ),
    );
  registerCentreCommands(centre);
  registerCentreReport(centre);
}

async function receive(options: CentreOptions, context: Context): Promise<void> {
  checkShare(options);
  const { createCentre } = await import('../centre/centre.ts');
  const broker = await brokerSettings(options, `weir-centre-${randomBytes(4).toString('hex')}`);
  const progress = new CentreProgress(context, options);
  const sink = await openKeeping(options, progress, context.clock);
  try {
    const centre = createCentre({
      // Who knows no shared subscriptions would take their name for a topic, and send nothing.
      broker: options.share === undefined ? broker : { ...broker, protocol: '5' },
      clock: context.clock,
      remember: options.remember,
      fromStart: options.fromStart ?? false,
      ...(options.gateway !== undefined && { gateway: options.gateway }),
      ...(options.share !== undefined && { share: options.share }),
      ...(sink !== undefined && { sink }),
      onBroker: (event) => progress.heard(event),
      onEntry: (entry) => progress.took(entry),
      ...(options.repair === true && { repair: { told: (event) => progress.repaired(event) } }),
    });
    await runUntilDone(centre, progress, options, context.clock);
    progress.requireContact();
    await sink?.close();
    await showResult(centre.report(), options, context);
  } finally {
    await sink?.close();
  }
}

/** What one of several centres got proves nothing by itself: their store does. */
async function showResult(
  report: CentreReport,
  { share, store, ...rest }: CentreOptions,
  context: Context,
): Promise<void> {
  if (share === undefined || store === undefined) {
    await context.output.result(report, () => centreScreen(report));
    if (!report.complete) process.exitCode = 1;
    return;
  }
  context.output.note(`this centre received ${plural(report.received, 'reading')}; all of them together:`);
  await showStore({ store, ...rest }, context);
}

async function runUntilDone(
  centre: Centre,
  progress: CentreProgress,
  options: CentreOptions,
  clock: Clock,
): Promise<void> {
  using _shown = progress.show(centre);
  const done = new AbortController();
  const signal = AbortSignal.any([interruption(), done.signal]);
  const cancel = options.seconds === undefined ? undefined : clock.after(options.seconds * 1000, () => done.abort());
  if (options.untilContiguous) {
    centre.until(isContiguous, signal).then(
      () => done.abort(),
      () => undefined,
    );
  }
  try {
    await centre.run(signal);
  } finally {
    cancel?.();
    done.abort();
  }
}

function isContiguous({ gateways, missing }: CentreReport): boolean {
  return gateways.length > 0 && missing === 0;
}
