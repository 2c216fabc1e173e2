import type { Command } from 'commander';
import type { Gateway } from '../gateway.ts';
import { contextOf, examples, type Context } from './context.ts';
import { untilInterrupted } from './interruption.ts';
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
  const [configuration, { startGateway }, { createNotifier }, { createReport }, { createLog, logStyle }] =
    await Promise.all([
      loadApart(context.configurationFile),
      import('../gateway.ts'),
      import('../ops/notify.ts'),
      import('../ops/events.ts'),
      import('../ops/log.ts'),
    ]);
  const log = createLog(clock, logStyle(options.json ?? false), options.quiet ? 'warning' : 'notice');
  const { report, counters } = createReport(log);
  await using notifier = createNotifier({ clock, environment: process.env, report });
  await using gateway = await startGateway(configuration, { clock, version, report, counters });
  notifier.ready();
  notifier.watch(stallOf(gateway));
  await Promise.race([gateway.ended, interrupted]);
  notifier.stopping();
}

/** Answers the watchdog at once, with what the gateway said to the question before. */
function stallOf(gateway: Gateway): () => string | undefined {
  let stalled: string | undefined;
  return () => {
    const answer = stalled;
    if (stalled !== UNANSWERED) {
      stalled = UNANSWERED;
      gateway.stall().then(
        (reason) => (stalled = reason),
        () => undefined, // a journal that failed ends the gateway by itself
      );
    }
    return answer;
  };
}

const UNANSWERED = 'the journal does not answer';
