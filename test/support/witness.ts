import { createCentre, type Centre } from '../../src/centre/centre.ts';
import type { ReceivedReading } from '../../src/centre/message.ts';
import { systemClock } from '../../src/model/clock.ts';
import { keepFirst, type Books } from './delivered.ts';

/** A centre that also keeps every reading's content, to be held against the journal it came from. */
export interface Witness extends Books, AsyncDisposable {
  readonly centre: Centre;
  /** Resolves once its first subscription stands. */
  readonly subscribed: Promise<void>;
}

/** Receives from `url` with a session that the broker keeps, from now until the scope ends. */
export function startWitness(url: string): Witness {
  const readings = new Map<number, ReceivedReading>();
  const stop = new AbortController();
  const subscribed = Promise.withResolvers<void>();
  const centre = createCentre({
    broker: { url, clientId: 'witness', session: true, user: undefined, tls: undefined, timeout: 5_000 },
    clock: systemClock,
    fromStart: true,
    onBroker: ({ kind }) => {
      if (kind === 'subscribed') subscribed.resolve();
    },
    onEntry: (entry) => keepFirst(readings, entry),
  });
  const ended = centre.run(stop.signal);
  return {
    centre,
    subscribed: subscribed.promise,
    report: () => centre.report(),
    readings,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}
