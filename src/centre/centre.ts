import type { Clock } from '../model/clock.ts';
import { supervise, type Backoff } from '../ops/supervise.ts';
import { Ledger, type Entry, type LedgerSettings } from './ledger.ts';
import { parseMessage, topicFilters } from './parse.ts';
import { receive, type BrokerSettings } from './receive.ts';
import { repair, type RepairSettings } from './repair.ts';
import type { CentreReport } from './report.ts';
import type { Sink } from './sink.ts';

const BACKOFF: Backoff = { first: 250, longest: 2000, jitter: 0.5 };
// Milliseconds. Two centres with one client id throw each other out, and many brokers do not say so: the wait must grow.
const STEADY = 10_000;

/** What happens between a centre and its broker. */
export type BrokerEvent =
  | { readonly kind: 'subscribed' }
  | { readonly kind: 'lost'; readonly error: unknown; readonly delay: number };

export type CentreSettings = Partial<LedgerSettings> & {
  readonly broker: BrokerSettings;
  readonly clock: Clock;
  /** Of this gateway only; absent means all. */
  readonly gateway?: string;
  /** Of what this group of centres gets, a part; absent means everything. The ledger is then one of parts. */
  readonly share?: string;
  /** Its owner closes it. */
  readonly sink?: Sink;
  /** Told what each message brought, once it is kept. */
  readonly onEntry?: (entry: Entry) => void;
  readonly onBroker?: (event: BrokerEvent) => void;
  /** Asks gateways for what is missing, which their configuration must allow; absent: only tells. */
  readonly repair?: Pick<RepairSettings, 'told' | 'patience'>;
};

/** A receiver of gateways that proves, from what it received, that nothing is missing. */
export interface Centre {
  /** Receives until `signal` aborts, and connects again as often as needed; rejects when it cannot go on. */
  run(signal: AbortSignal): Promise<void>;
  report(): CentreReport;
  /** Resolves with the first report that `holds` accepts; asks again after every message. */
  until(holds: (report: CentreReport) => boolean, signal: AbortSignal): Promise<CentreReport>;
}

const DEFAULT_MEMORY = 4_000_000; // readings: 16 MB

export function createCentre(settings: CentreSettings): Centre {
  const { broker, clock, sink, remember = DEFAULT_MEMORY, fromStart = false } = settings;
  const ledger = new Ledger({ remember, fromStart }, sink?.accounts);
  const watchers = new Set<() => void>();
  const report = (): CentreReport => ledger.report(clock.wall());

  const tell = (entry: Entry): void => {
    settings.onEntry?.(entry);
    for (const look of watchers) look();
  };
  const take = (topic: string, payload: Uint8Array): void | Promise<void> => {
    const message = parseMessage(topic, payload);
    if (message === undefined) return;
    const entry = ledger.book(message, clock.wall());
    const keeping = entry.kind === 'nothing' || entry.kind === 'rejected' ? undefined : sink?.write(entry);
    if (keeping === undefined) tell(entry);
    else return keeping.then(() => tell(entry));
  };

  const attempt = async (signal: AbortSignal, healthy: () => void): Promise<void> => {
    let cancel: (() => void) | undefined;
    const subscribed = (): void => {
      cancel = clock.after(STEADY, healthy);
      settings.onBroker?.({ kind: 'subscribed' });
    };
    try {
      await receive({ broker, clock, filters: topicFilters(settings), take, subscribed }, signal);
    } finally {
      cancel?.();
    }
  };

  const failed = (error: unknown, delay: number): void => settings.onBroker?.({ kind: 'lost', error, delay });

  const run = async (signal: AbortSignal): Promise<void> => {
    const ended = new AbortController();
    const limit = AbortSignal.any([signal, ended.signal]);
    const repairing =
      settings.repair === undefined ? undefined : repair({ broker, clock, report, ...settings.repair }, limit);
    try {
      await supervise({ clock, backoff: BACKOFF, attempt, failed }, signal);
    } finally {
      ended.abort();
      await repairing;
    }
  };

  return {
    report,
    run,
    until: (holds, signal) => firstThat(holds, { report, watchers, signal }),
  };
}

function firstThat(
  holds: (report: CentreReport) => boolean,
  { report, watchers, signal }: { report: () => CentreReport; watchers: Set<() => void>; signal: AbortSignal },
): Promise<CentreReport> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const current = report();
      if (holds(current)) end(() => resolve(current));
    };
    const end = (outcome: () => void): void => {
      watchers.delete(look);
      signal.removeEventListener('abort', abort);
      outcome();
    };
    const abort = (): void => end(() => reject(signal.reason));
    watchers.add(look);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else look();
  });
}
