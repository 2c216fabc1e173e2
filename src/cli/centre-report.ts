import type { Command } from 'commander';
import { GatewayError } from '../model/errors.ts';
import { storeScreen } from './centre-store-screen.ts';
import { contextOf, examples, type Context } from './context.ts';

type ReportOptions = { readonly store?: string; readonly gateway?: string; readonly fromStart?: true };

const WHAT_IT_SAYS = `
Everything that all centres with this --store received together: for each gateway and epoch the range that is complete,
the times of its readings, and what is missing, with the times between which it was taken. Nothing is changed, and
centres may write meanwhile. --gateway and --from-start apply here too.
Exit code 0: something is there, nothing is missing, no repeat differed; 1: otherwise.`;

/** Adds `weir centre report` and `weir centre schema` below `weir centre`, whose options name the store. */
export function registerCentreReport(centre: Command): void {
  centre
    .command('report')
    .description('say what is complete in a store, and what is missing')
    .action(async function report(this: Command) {
      await showReport(this);
    })
    .addHelpText('after', WHAT_IT_SAYS)
    .addHelpText(
      'after',
      examples(
        'weir centre report --store readings.sqlite',
        'weir centre report --store postgres://weir@db.example/city --gateway harbour-07 --json',
      ),
    );
  centre
    .command('schema')
    .description('print the tables of a PostgreSQL store as SQL, for whoever fills or creates them otherwise')
    .action(async function schema(this: Command) {
      const { POSTGRES_SCHEMA } = await import('../centre/store/postgres-schema.ts');
      await contextOf(this).output.result({ sql: POSTGRES_SCHEMA }, () => POSTGRES_SCHEMA.trimEnd());
    })
    .addHelpText('after', examples('weir centre schema | psql city'));
}

async function showReport(command: Command): Promise<void> {
  const { store, ...options } = command.optsWithGlobals<ReportOptions>();
  if (store === undefined) throw new GatewayError('usage', '--store is missing: where the centres write to');
  await showStore({ store, ...options }, contextOf(command));
}

/** Shows what is in a store, and sets the exit code. */
export async function showStore(options: ReportOptions & { readonly store: string }, context: Context): Promise<void> {
  const { openLedger } = await import('../centre/store/open.ts');
  const { storeReport } = await import('../centre/store/report.ts');
  const { store, gateway, fromStart = false } = options;
  await using ledger = await openLedger(store, context.clock);
  const report = await storeReport(ledger, { gateway, fromStart, now: context.clock.wall() });
  await context.output.result(report, () => storeScreen(report));
  if (!report.complete) process.exitCode = 1;
}
