import { existsSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { GatewayError } from '../model/errors.ts';
import { headSchema, openEntry, type AuditEntry, type Head } from '../ops/audit/entry.ts';
import { readHead, readLines, type AuditLine } from '../ops/audit/files.ts';
import { verifyLines, type AuditVerdict } from '../ops/audit/verify.ts';
import { contextOf, examples, type Context } from './context.ts';
import { configurationOf, daemonIfRunning } from './daemon.ts';
import { count, paint, plural, printable } from './format.ts';
import { integer } from './program.ts';
import { table, type Column } from './table.ts';

const MOST_SHOWN = 1_000_000;

const WHAT_IT_PROVES = `
Each entry ends with the hash of the one before it and its own. The first line that is not as it was written is named:
  edited      it is not what its hash was made of          deleted     entries before it are missing
  replaced    it was written anew, with a new hash         reordered   it stands in a wrong place, or twice
  torn        the file ends in the middle of it            truncated   the newest entries are gone
  beginning   the oldest entries are gone, and not by rotation
Whoever can write the files can write all of them anew. The centre is told the newest hash (the health message): give it
as --head. While the gateway runs it is asked for its own. Exit code 0: all is as it was written; 1: it is not.`;

export function registerAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('show and verify the log of commands, writes, starts and configurations')
    .addHelpText('after', examples('weir audit verify', 'weir audit show --last 5'));
  audit
    .command('verify')
    .description('prove that no entry was changed, removed or moved; names the first line that was')
    .argument('[file]', 'the newest file of a log (default: that of the configuration)')
    .option('--head <number:hash>', 'an entry that must be there, as the centre knows it', parseHead)
    .action(async (file: string | undefined, options: VerifyOptions, command: Command) =>
      verify(file, options, contextOf(command)),
    )
    .addHelpText('after', WHAT_IT_PROVES)
    .addHelpText(
      'after',
      examples('weir audit verify', `weir audit verify audit.log --head 17:${'0123abcd'.repeat(8)}`),
    );
  audit
    .command('show')
    .description('show the newest entries')
    .argument('[file]', 'the newest file of a log (default: that of the configuration)')
    .option('--last <number>', 'how many', integer(1, MOST_SHOWN), 20)
    .option('--event <name>', 'only entries of this kind')
    .action(async (file: string | undefined, options: ShowOptions, command: Command) =>
      show(file, options, contextOf(command)),
    )
    .addHelpText('after', examples('weir audit show', 'weir audit show --event command --json | jq .detail'));
}

type VerifyOptions = { readonly head?: Head };
type ShowOptions = { readonly last: number; readonly event?: string };

function parseHead(text: string): Head {
  const [number, hash] = text.split(':');
  const head = headSchema.safeParse({ number: Number(number), hash });
  if (head.success) return head.data;
  throw new InvalidArgumentError('It must be a number, a colon, and a hash of 64 hex digits.');
}

async function verify(file: string | undefined, { head }: VerifyOptions, context: Context): Promise<void> {
  // Asked before the file is read: what is written meanwhile only makes it longer.
  const running = file === undefined ? await runningHead(context) : undefined;
  const { path, lines } = await logOf(file, context);
  const heads = [readHead(path), running, head].filter((each) => each !== undefined);
  const verdict = verifyLines(lines, heads);
  await context.output.result({ path, ...verdict }, () => verdictText(path, verdict));
  if (verdict.fault !== null) process.exitCode = 1;
}

async function runningHead(context: Context): Promise<Head | undefined> {
  const { control } = await configurationOf(context);
  const daemon = await daemonIfRunning(control.socket, context);
  if (daemon === undefined) return undefined;
  const { number, hash } = (await daemon.status()).audit;
  return { number, hash };
}

function verdictText(path: string, { from, to, head, missed, fault }: AuditVerdict): string {
  const lost =
    missed === 0 ? '' : paint('yellow', `\n! ${plural(missed, 'entry')} could not be written, and that is noted`);
  if (fault !== null) {
    const good =
      from === null ? 'no entry before it' : `entries ${count(from)} to ${count(to ?? from)} before it are sound`;
    return `${paint('red', `✗ ${fault.file}:${fault.line}: ${fault.kind}: ${printable(fault.detail)}`)}\n  ${good}${lost}`;
  }
  if (from === null || head === null) return `${path} is empty`;
  const facts = `entries ${count(from)} to ${count(head.number)} are as they were written`;
  return `${paint('green', '✓')} ${path}: ${facts}\n  ${paint('dim', `head ${head.number}:${head.hash}`)}${lost}`;
}

async function show(file: string | undefined, { last, event }: ShowOptions, context: Context): Promise<void> {
  const { output } = context;
  const { lines } = await logOf(file, context);
  const entries = lines
    .flatMap(({ text }) => openEntry(text) ?? [])
    .filter((entry) => event === undefined || entry.event === event)
    .slice(-last);
  if (!output.json) return output.line(await table(columns, entries));
  for (const entry of entries) output.line(JSON.stringify(entry));
}

const columns: readonly Column<AuditEntry>[] = [
  { title: 'entry', right: true, cell: ({ number }) => count(number) },
  { title: 'time', cell: ({ time }) => time },
  { title: 'event', cell: ({ event }) => event },
  { title: 'what', cell: ({ detail }) => printable(detailText(detail)) },
];

function detailText(detail: AuditEntry['detail']): string {
  return Object.entries(detail)
    .flatMap(([name, value]) => (value === null || value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');
}

async function logOf(
  file: string | undefined,
  context: Context,
): Promise<{ readonly path: string; readonly lines: readonly AuditLine[] }> {
  const path = file ?? (await configurationOf(context)).audit.path;
  const lines = readLines(path);
  if (lines.length === 0 && !existsSync(path)) throw new GatewayError('usage', `there is no audit log ${path}`);
  return { path, lines };
}
