import type { Command } from 'commander';
import type { Gateway } from '../gateway.ts';
import { contextOf, examples, type Context } from './context.ts';
import { interruption, untilInterrupted } from './interruption.ts';
import { loadApart } from './load-apart.ts';

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run the gateway until it is told to stop (SIGTERM or Ctrl-C); its log goes to the standard error')
    .action(async (_options: unknown, command: Command) => run(contextOf(command), program.version() ?? ''))
    .addHelpText(
      'after',
      examples('weir run', 'weir run --config /etc/weir/weir.yaml', 'weir run --json 2> log.ndjson'),
    );
}

async function run(context: Context, version: string): Promise<void> {
  const interrupted = untilInterrupted();
  const { clock, options } = context;
  const [
    configuration,
    { startGateway },
    { outliveDamage },
    { createNotifier },
    { createReport },
    { createLog, logStyle },
  ] = await Promise.all([
    loadApart(context.configurationFile),
    import('../gateway.ts'),
    import('./outlive-damage.ts'),
    import('../ops/notify.ts'),
    import('../ops/events.ts'),
    import('../ops/log.ts'),
  ]);
  const log = createLog(clock, logStyle(options.json ?? false), options.quiet ? 'warning' : 'notice');
  const { report, counters } = createReport(log);
  await using notifier = createNotifier({ clock, environment: process.env, report });
  let gateway: Gateway | undefined;
  const outliving = { folder: configuration.journal.path, clock, signal: interruption() };
  await outliveDamage(outliving, async () => {
    await using started = await startGateway(configuration, { clock, version, report, counters });
    notifier.ready();
    const isFirst = gateway === undefined;
    gateway = started;
    if (isFirst) notifier.watch(stallOf(() => gateway));
    await Promise.race([started.ended, interrupted]);
    notifier.stopping();
  });
}

/** Answers the watchdog at once, with what the gateway of now said to the question before. */
function stallOf(gateway: () => Gateway | undefined): () => string | undefined {
  let stalled: string | undefined;
  let asked: Gateway | undefined;
  return () => {
    const now = gateway();
    if (asked !== now) stalled = undefined;
    asked = now;
    const answer = stalled;
    if (stalled === UNANSWERED) return answer;
    stalled = UNANSWERED;
    now?.stall().then(
      (reason) => (stalled = reason),
      () => undefined, // a journal that failed ends the gateway by itself
    );
    return answer;
  };
}

const UNANSWERED = 'the journal does not answer';
