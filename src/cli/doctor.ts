import type { Command } from 'commander';
import { contextOf, examples, type Context } from './context.ts';
import type { Check, Finding, Severity } from './doctor/finding.ts';
import { paint, plural, printable, type Style } from './format.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find what is wrong with this gateway and its machine, and say what to do, worst first')
    .action(async (_options: unknown, command: Command) => doctor(contextOf(command), program.version() ?? ''))
    .addHelpText(
      'after',
      `${examples('weir doctor', 'sudo -u weir weir doctor --config /etc/weir/weir.yaml', 'weir doctor --json | jq -r \'.findings[] | .subject + ": " + .todo\'')}

Changes nothing, needs no network, and works without a running gateway, whose statistics it uses where there are any.
Exits with 1 when somebody has to do something: it does not work, or will not for long; mere suggestions leave it at 0.`,
    );
}

async function doctor(context: Context, version: string): Promise<void> {
  const { examine } = await import('./doctor/examine.ts');
  const { needsPerson, worstFirst } = await import('./doctor/finding.ts');
  using progress = context.output.progress('examining');
  const checks = await examine(context, version);
  progress[Symbol.dispose]();
  const findings = worstFirst(checks);
  const ok = !needsPerson(checks);
  const listed = checks.map(({ name, looked, findings: own }) => ({ name, looked, findings: own.length }));
  await context.output.result({ ok, findings, checks: listed }, () => report(checks, findings));
  if (!ok) process.exitCode = 1;
}

const marks = {
  critical: ['✗', 'red'],
  warning: ['!', 'yellow'],
  advice: ['·', 'cyan'],
} as const satisfies Record<Severity, readonly [mark: string, style: Style]>;

function report(checks: readonly Check[], findings: readonly Finding[]): string {
  const looked = checks.map(lookedLine);
  const troubles = findings.map(findingLines);
  return [...troubles, looked.join('\n'), summary(findings)].join('\n\n');
}

function findingLines({ severity, subject, what, why, todo }: Finding): string {
  const [mark, style] = marks[severity];
  return [
    `${paint(style, mark)} ${paint('bold', subject)}  ${printable(what)}`,
    `  ${paint('dim', printable(why))}`,
    `  → ${printable(todo)}`,
  ].join('\n');
}

function lookedLine({ name, looked, findings }: Check): string {
  const mark = findings.length === 0 ? paint('green', '✓') : paint('yellow', '○');
  return `${mark} ${name.padEnd(14)} ${paint('dim', printable(looked))}`;
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return paint('green', 'all well');
  const counts = Map.groupBy(findings, ({ severity }) => severity);
  const number = (severity: Severity): number => counts.get(severity)?.length ?? 0;
  return [
    `${number('critical')} critical`,
    plural(number('warning'), 'warning'),
    plural(number('advice'), 'suggestion'),
  ].join(', ');
}
