import { existsSync, rmSync } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asGatewayError, GatewayError, messageOf } from '../../model/errors.ts';
import type { DestinationState, Journal, SalvagedJournal } from '../journal.ts';
import { openJournal, type JournalOptions } from '../open.ts';
import { damagedJournal, markDelivered, quarantines, type Quarantine } from '../quarantine.ts';
import { salvagedPath, type Salvaged, type SalvageOrder } from './salvage.ts';

export type SalvagerOptions = Omit<JournalOptions, 'isSalvaged'> & {
  /** The journal of now, open. */
  readonly journal: Pick<Journal, 'intern'>;
  /** Names of the destinations of the configuration. */
  readonly destinations: readonly string[];
  /** Told what there is for them, and what they have still to get of it. */
  readonly deliver: (salvaged: SalvagedJournal, states: readonly DestinationState[]) => void;
  /** Told that a salvaged journal is delivered, or of no use any more; it is closed then. */
  readonly withdraw: (salvaged: SalvagedJournal) => void;
};

/** What the thread says, once. */
export type SalvageAnswer = { readonly salvaged: Salvaged } | { readonly error: string };

const LOOK_EVERY = 5_000; // milliseconds
// Whoever wants to look into one has them; more would only take the disk.
const MOST_KEPT = 2;

/**
 * Sees to it that what can be read of damaged journals is salvaged and delivered. In the background, until `signal`; what
 * is not done then goes on at the next start. Never rejects: what goes wrong is told, and left.
 */
export async function runSalvager(options: SalvagerOptions, signal: AbortSignal): Promise<void> {
  const { path } = options;
  const left = quarantines(path).filter((quarantine) => !damagedJournal(quarantine).isDelivered);
  await Promise.all(left.map((quarantine) => deliver(quarantine, options, signal)));
  if (signal.aborted) return;
  for (const { folder } of quarantines(path).slice(0, -MOST_KEPT)) rmSync(folder, { recursive: true, force: true });
}

async function deliver(quarantine: Quarantine, options: SalvagerOptions, signal: AbortSignal): Promise<void> {
  const { report } = options;
  const { folder } = quarantine;
  try {
    if (!existsSync(salvagedPath(quarantine))) {
      const { epoch, ...result } = await salvageApart(quarantine, options, signal);
      report('journal-salvaged', { folder, epoch: epoch ?? 'unknown', ...result });
    }
    if (existsSync(salvagedPath(quarantine))) await deliverSalvaged(quarantine, options, signal);
    if (signal.aborted) return;
    rmSync(salvagedPath(quarantine), { recursive: true, force: true });
    markDelivered(quarantine);
    report('salvage-delivered', { folder, epoch: quarantine.facts.epoch ?? 'unknown' });
  } catch (error) {
    if (!signal.aborted) report('salvage-failed', { folder, error: messageOf(error) });
  }
}

async function salvageApart(
  quarantine: Quarantine,
  { destinations, clock }: SalvagerOptions,
  signal: AbortSignal,
): Promise<Salvaged> {
  const workerData: SalvageOrder = { quarantine, destinations, now: clock.wall() };
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let said: SalvageAnswer = { error: 'it ended without an answer' };
  const answer = await new Promise<SalvageAnswer>((resolve, reject) => {
    worker.once('message', (message: SalvageAnswer) => (said = message));
    worker.once('error', (error) => reject(asGatewayError(error, 'failed')));
    worker.once('exit', () => resolve(said));
  });
  signal.removeEventListener('abort', stop);
  if ('salvaged' in answer) return answer.salvaged;
  throw new GatewayError('failed', answer.error);
}

/** Resolves once nobody waits for anything of it, or at the signal. */
async function deliverSalvaged(
  quarantine: Quarantine,
  { journal: present, destinations, deliver: give, withdraw, ...options }: SalvagerOptions,
  signal: AbortSignal,
): Promise<void> {
  await using journal = await openJournal({ ...options, path: salvagedPath(quarantine), isSalvaged: true });
  const known = (await journal.status()).destinations.map(({ name }) => name);
  const states = await journal.destinations(destinations.filter((name) => known.includes(name)));
  const points = [...journal.points];
  const numbers = await present.intern(points.map(([, definition]) => definition));
  const salvaged: SalvagedJournal = {
    epoch: journal.epoch,
    journal,
    points: new Map(points.map(([number], index) => [number, numbers[index] ?? 0])),
  };
  give(salvaged, states);
  try {
    while (!signal.aborted && (await isWaited(journal)))
      await options.clock.sleep(LOOK_EVERY, signal).catch(() => undefined);
  } finally {
    withdraw(salvaged);
  }
}

async function isWaited(journal: Journal): Promise<boolean> {
  const { destinations } = await journal.status();
  return destinations.some(({ pending, gaps }) => pending > 0 || gaps > 0);
}
