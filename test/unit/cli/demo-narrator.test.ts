import { expect, test } from 'vitest';
import type { CentreReport } from '../../../src/centre/report.ts';
import { createNarrator } from '../../../src/cli/demo/narrator.ts';
import type { Output } from '../../../src/cli/output.ts';
import type { DestinationStatus } from '../../../src/model/status.ts';

const report = { received: 3445, gateways: [{ delayMs: { live: { p50: 114 } } }] } as unknown as CentreReport;
const lost = { state: 'lost', pending: 3465, backlog: 0 } as DestinationStatus;
const connected = { state: 'connected', pending: 2000, backlog: 1500 } as DestinationStatus;

test('a broker that is back is not told to be away, also before the gateway has found it', () => {
  const lines: string[] = [];
  const narrator = createNarrator({ json: false, line: (text) => lines.push(text) } as Partial<Output> as Output);
  narrator.second(12_000, report, lost, true);
  narrator.second(13_000, report, lost, false);
  narrator.second(14_000, report, connected, false);
  expect(lines.map((line) => line.trim())).toEqual([
    '12s     3 445 received    3 465 in the backlog  broker away',
    '13s     3 445 received    3 465 in the backlog  connecting',
    '14s     3 445 received    1 500 in the backlog  live 114 ms',
  ]);
});
