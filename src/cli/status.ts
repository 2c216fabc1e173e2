import { Option, type Command } from 'commander';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonAt } from './daemon.ts';

type StatusOptions = { readonly check?: true; readonly metrics?: true; readonly device?: string };

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show how the running gateway is: what is lost, what waits, what happened')
    .option('--device <id>', 'all that is known of one device')
    .addOption(
      new Option('--metrics', 'print its counters and gauges in the text format of Prometheus instead').conflicts([
        'device',
        'check',
      ]),
    )
    .option('--check', 'exit with 1 when a connection, a device or a destination is lost')
    .action(async (options: StatusOptions, command: Command) => showStatus(options, contextOf(command)))
    .addHelpText(
      'after',
      examples(
        'weir status',
        'weir status --device main-meter',
        'weir status --check --quiet || echo "somebody should look"',
        'weir status --metrics',
        'curl --unix-socket /run/weir/control.sock http://weir/status',
      ),
    );
}

async function showStatus({ check, metrics, device }: StatusOptions, context: Context): Promise<void> {
  const { output, clock } = context;
  const { control } = await configurationOf(context);
  const daemon = await daemonAt(control.socket, context);
  if (metrics) {
    output.line((await daemon.metrics()).trimEnd());
    return;
  }
  const status = await daemon.status();
  const { statusScreen, troubles } = await import('./status-screen.ts');
  if (device === undefined) {
    await output.result(status, () => statusScreen(status, clock.wall()));
    if (check && troubles(status, clock.wall()).length > 0) process.exitCode = 1;
    return;
  }
  const { deviceIn, deviceScreen } = await import('./status-device.ts');
  const chosen = deviceIn(status, device);
  await output.result(chosen, () => deviceScreen(chosen, clock.wall()));
  if (check && (chosen.state === 'lost' || chosen.error !== null)) process.exitCode = 1;
}
