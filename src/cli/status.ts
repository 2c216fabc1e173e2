import type { Command } from 'commander';
import { contextOf, examples } from './context.ts';
import { configurationOf, daemonAt } from './daemon.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show how the running gateway is: what is lost, what waits, what happened')
    .option('--metrics', 'print its counters and gauges in the text format of Prometheus instead')
    .option('--check', 'exit with 1 when a connection, a device or a destination is lost')
    .action(async (options: { check?: true; metrics?: true }, command: Command) => {
      const context = contextOf(command);
      const { control } = await configurationOf(context);
      const daemon = await daemonAt(control.socket, context);
      if (options.metrics) {
        context.output.line((await daemon.metrics()).trimEnd());
        return;
      }
      const status = await daemon.status();
      const { statusScreen, troubles } = await import('./status-screen.ts');
      await context.output.result(status, () => statusScreen(status, context.clock.wall()));
      if (options.check && troubles(status).length > 0) process.exitCode = 1;
    })
    .addHelpText(
      'after',
      examples(
        'weir status',
        'weir status --metrics',
        'weir status --check --quiet || echo "somebody should look"',
        'curl --unix-socket /run/weir/control.sock http://weir/status',
      ),
    );
}
