import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { openLedger } from '../../src/centre/store/open.ts';
import { storeReport, type StoreReport } from '../../src/centre/store/report.ts';
import { systemClock } from '../../src/model/clock.ts';
import { startWeir } from './run-weir.ts';

// The command `weir centre` itself, which can be killed without a word.

const PATIENCE = 120_000;

export type CentreProcess = {
  /** Ends it; `output` is all that it said. */
  kill(signal: NodeJS.Signals): Promise<{ readonly exit: number | null; readonly output: string }>;
};

/** Resolves once it is connected. */
export async function startCentre(words: readonly string[]): Promise<CentreProcess> {
  const child = startWeir(['centre', ...words]);
  const closed = once(child, 'close');
  const results = text(child.stdout);
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    closed.then(() => reject(new Error(said.join('\n'))), reject);
    lines.on('line', (line) => {
      said.push(line);
      if (line.startsWith('connected')) resolve();
    });
  });
  return {
    kill: async (signal) => {
      child.kill(signal);
      await closed;
      return { exit: child.exitCode, output: `${said.join('\n')}\n${await results}` };
    },
  };
}

/** Resolves once what other processes have stored is as `holds` wants it. */
export async function untilStored(store: string, holds: (report: StoreReport) => boolean): Promise<void> {
  await using ledger = await openLedger(store, systemClock);
  const look = async (): Promise<boolean> =>
    holds(await storeReport(ledger, { fromStart: true, now: systemClock.wall() }));
  while (!(await look())) await systemClock.sleep(50, AbortSignal.timeout(PATIENCE));
}
