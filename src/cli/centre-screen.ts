import type { CentreReport, GatewayReport, ReportedGap } from '../centre/report.ts';
import type { Range } from '../model/ranges.ts';
import { count, duration, paint, plural } from './format.ts';
import { table, type Column } from './table.ts';

/** Lines about holes, gaps and conflicts; --json has them all. */
const LINES = 8;

/** What a centre knows, for people: the verdict first. */
export async function centreScreen(report: CentreReport): Promise<string> {
  const rows = report.gateways.toSorted((a, b) => (a.gateway < b.gateway ? -1 : 1));
  const sections = [
    verdict(report),
    rows.length === 0 ? '' : await table(columns, rows),
    report.silent.map(({ gateway, status }) => paint('dim', `${gateway} is ${status} and has sent nothing`)).join('\n'),
    limited(faults(report)),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** One line: whether everything is there. */
function verdict(report: CentreReport): string {
  if (report.complete) return paint('green', `✓ nothing is missing: ${plural(report.received, 'reading')}`);
  const { missing, conflicting, rejected } = report;
  const troubles = [
    ...(missing > 0 ? [`${plural(missing, 'sequence')} missing`] : []),
    ...(conflicting > 0 ? [`${plural(conflicting, 'repeat')} unlike the first delivery`] : []),
    ...(rejected.count > 0 ? [`${plural(rejected.count, 'message')} rejected`] : []),
  ];
  return paint('red', `✗ ${troubles.join(', ') || 'nothing was received'}`);
}

const columns: readonly Column<GatewayReport>[] = [
  { title: 'gateway', cell: ({ gateway }) => gateway },
  { title: 'epoch', cell: ({ epoch }) => paint('dim', epoch) },
  { title: 'status', cell: ({ status }) => paint(status === 'online' ? 'green' : 'yellow', status) },
  { title: 'received', right: true, cell: ({ received }) => count(received) },
  { title: 'per second', right: true, cell: ({ rate }) => count(rate) },
  { title: 'live delay', right: true, cell: ({ delayMs }) => delay(delayMs.live) },
  { title: 'backlog delay', right: true, cell: ({ delayMs }) => delay(delayMs.backlog) },
  { title: 'coverage', cell: coverageText },
  { title: 'repeats', right: true, cell: ({ repeats }) => count(repeats) },
  {
    title: 'lost',
    right: true,
    cell: ({ gapReadings }) => (gapReadings === 0 ? '0' : paint('yellow', count(gapReadings))),
  },
];

/** Half of the readings come within the first, 99 in a hundred within the second. */
function delay({ p50, p99 }: GatewayReport['delayMs']['live']): string {
  return p50 === null || p99 === null ? '' : `${duration(p50)}, ${duration(p99)}`;
}

type Coverage = Pick<GatewayReport, 'coverage' | 'from' | 'upto' | 'missing'>;

/** The first to the last, as in `sequences`. */
export function coverageText({ coverage: kind, from, upto, missing }: Coverage): string {
  if (from === upto) return paint('dim', 'nothing yet');
  const range = `${count(from + 1)}…${count(upto)}`;
  return kind === 'contiguous'
    ? paint('green', `contiguous ${range}`)
    : paint('red', `${count(missing)} missing in ${range}`);
}

/** What somebody should look at, worst first. */
function faults({ gateways, conflicts, rejected }: CentreReport): readonly string[] {
  return [
    ...conflicts.map(({ gateway, seq, what }) =>
      paint('red', `conflict  ${gateway}: reading ${seq} has ${what} in a repeat`),
    ),
    ...Object.entries(rejected.reasons).map(([reason, number]) =>
      paint('red', `rejected  ${plural(number, 'message')}: ${reason}`),
    ),
    ...gateways.flatMap(({ gateway, holes }) =>
      holes.map((hole) => paint('red', `missing   ${gateway}: ${sequences(hole)}`)),
    ),
    ...gateways.flatMap(({ gateway, gaps }) => gaps.map((gap) => lostLine(gateway, gap))),
  ];
}

/** What a gateway announced as lost. */
export function lostLine(gateway: string, gap: ReportedGap): string {
  return paint('yellow', `lost      ${gateway}: ${sequences(gap)}, ${plural(gap.count, 'reading')}: ${gap.reason}`);
}

/** The first to the last. */
export function sequences({ after, upto }: Range): string {
  return `${after + 1}…${upto}`;
}

/** As many lines as a glance takes, and how many more there are. */
export function limited(lines: readonly string[]): string {
  const more = lines.length - LINES;
  const rest = more > 0 ? [paint('dim', `… and ${count(more)} more: see --json`)] : [];
  return [...lines.slice(0, LINES), ...rest].join('\n');
}
