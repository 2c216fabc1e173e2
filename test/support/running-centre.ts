import { createCentre, type BrokerEvent, type Centre, type CentreSettings } from '../../src/centre/centre.ts';
import type { BrokerSettings } from '../../src/centre/receive.ts';
import { systemClock } from '../../src/model/clock.ts';

/** A broker without TLS and without users, and no session. */
export function brokerAt(url: string, changes: Partial<BrokerSettings> = {}): BrokerSettings {
  return {
    url,
    clientId: 'weir-centre-test',
    session: false,
    user: undefined,
    tls: undefined,
    timeout: 5000,
    ...changes,
  };
}

export type RunningCentre = Centre &
  AsyncDisposable & {
    /** Settles as `run` does. */
    readonly ended: Promise<void>;
    /** The next event of this kind. */
    next(kind: BrokerEvent['kind']): Promise<BrokerEvent>;
    stop(): Promise<void>;
  };

/** A centre that runs until its scope ends; resolves once it has subscribed. */
export async function runningCentre(settings: Omit<CentreSettings, 'clock' | 'onBroker'>): Promise<RunningCentre> {
  const stop = new AbortController();
  const waiting = new Set<{ readonly kind: string; readonly resolve: (event: BrokerEvent) => void }>();
  const onBroker = (event: BrokerEvent): void => {
    for (const waiter of waiting) {
      if (waiter.kind !== event.kind) continue;
      waiting.delete(waiter);
      waiter.resolve(event);
    }
  };
  const next = (kind: BrokerEvent['kind']): Promise<BrokerEvent> =>
    new Promise((resolve) => waiting.add({ kind, resolve }));
  const centre = createCentre({ ...settings, clock: systemClock, onBroker });
  const subscribed = next('subscribed');
  const ended = centre.run(stop.signal);
  await Promise.race([subscribed, ended]);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended.catch(() => undefined);
  };
  return { ...centre, ended, next, stop: end, [Symbol.asyncDispose]: end };
}
