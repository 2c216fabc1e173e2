import type { StoredGateway, StoreReport } from '../centre/store/report.ts';
import { coverageText, limited, lostLine, sequences } from './centre-screen.ts';
import { count, paint, plural } from './format.ts';
import { table, type Column } from './table.ts';

/** What a store can prove, for people: the verdict first. */
export async function storeScreen(report: StoreReport): Promise<string> {
  const sections = [
    verdict(report),
    report.gateways.length === 0 ? '' : await table(columns, report.gateways),
    limited(report.gateways.flatMap((gateway) => [...missing(gateway), ...lost(gateway)])),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function verdict({ complete, received, missing: holes, conflicting }: StoreReport): string {
  if (complete) return paint('green', `✓ nothing is missing: ${plural(received, 'reading')}`);
  const troubles = [
    ...(holes > 0 ? [`${plural(holes, 'sequence')} missing`] : []),
    ...(conflicting > 0 ? [`${plural(conflicting, 'repeat')} unlike the first delivery`] : []),
  ];
  return paint('red', `✗ ${troubles.join(', ') || 'nothing was received'}`);
}

const columns: readonly Column<StoredGateway>[] = [
  { title: 'gateway', cell: ({ gateway }) => gateway },
  { title: 'epoch', cell: ({ epoch }) => paint('dim', epoch) },
  { title: 'received', right: true, cell: ({ received }) => count(received) },
  { title: 'coverage', cell: coverageText },
  { title: 'from', cell: ({ oldest }) => oldest ?? '' },
  { title: 'to', cell: ({ newest }) => newest ?? '' },
  {
    title: 'lost',
    right: true,
    cell: ({ gapReadings }) => (gapReadings === 0 ? '0' : paint('yellow', count(gapReadings))),
  },
  {
    title: 'conflicting',
    right: true,
    cell: ({ conflicting }) => (conflicting === 0 ? '0' : paint('red', count(conflicting))),
  },
];

function missing({ gateway, holes }: StoredGateway): readonly string[] {
  return holes.map(({ from, to, ...hole }) =>
    paint(
      'red',
      `missing   ${gateway}: ${sequences(hole)}, taken between ${from ?? 'the beginning'} and ${to ?? 'now'}`,
    ),
  );
}

function lost({ gateway, gaps }: StoredGateway): readonly string[] {
  return gaps.map((gap) => lostLine(gateway, gap));
}
