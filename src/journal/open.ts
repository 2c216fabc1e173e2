import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { Report } from '../ops/events.ts';
import { lookAtTimeService as askTimeService, type LookAtTimeService } from '../ops/time-service.ts';
import { JournalClient } from './client.ts';
import { thisBoot, type HostBoot } from './host-boot.ts';
import type { Journal } from './journal.ts';
import type { FromWorker, Opened, Opening } from './messages.ts';

export type JournalOptions = {
  /** The folder; made where it is missing. */
  readonly path: string;
  readonly gateway: string;
  /** Bytes and milliseconds. */
  readonly keep: { readonly size: number; readonly age: number };
  /** Whether the configuration vouches for the host's clock. */
  readonly trusted: boolean;
  /** Of the host: what it says is judged. */
  readonly clock: Clock;
  readonly report: Report;
  /** What could be read of a damaged one: see salvager.ts. */
  readonly isSalvaged?: boolean;
  /** This machine's, unless a test brings its own. */
  readonly host?: HostBoot;
  readonly lookAtTimeService?: LookAtTimeService;
};

// The worker's own heap is small: batches pass through it as buffers. Left alone V8 would let it grow first.
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/**
 * Opens the journal in the folder `path`, makes it where there is none, and begins a new boot with its first anchor.
 * One that is damaged is set aside, and a new one with an epoch of its own made in its place. Rejects with
 * `journal-locked`, `journal-newer`, `journal-unusable`, `journal-full` or `journal-failed`. Disposing it is `close`.
 */
export async function openJournal(options: JournalOptions): Promise<Journal & AsyncDisposable> {
  const { path, gateway, keep, trusted, clock, isSalvaged = false } = options;
  const { host = thisBoot, lookAtTimeService = askTimeService } = options;
  const service = await lookAtTimeService();
  const time = {
    wall: clock.wall(),
    monotonic: clock.monotonic(),
    trusted,
    service,
    host: { id: host.id, monotonic: host.monotonic() },
  };
  const opening: Opening = { path, gateway, keep, isSalvaged, time };
  // Beside this file, whether it runs from source or built.
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    name: 'journal',
    workerData: opening,
    resourceLimits: WORKER_LIMITS,
  });
  return new JournalClient(worker, await opened(worker), options);
}

/** The worker's first message, which is its only one until it is asked something. */
async function opened(worker: Worker): Promise<Opened> {
  const first = await once(worker, 'message').catch((error: unknown) => {
    throw asGatewayError(error, 'journal-failed');
  });
  const [message]: (Opened | Extract<FromWorker, { type: 'failed' }>)[] = first;
  if (message?.type === 'opened') return message;
  throw new GatewayError(message?.fault.code ?? 'journal-failed', message?.fault.message ?? 'no answer');
}
