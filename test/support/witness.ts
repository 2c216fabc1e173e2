import { createCentre, type Centre } from '../../src/centre/centre.ts';
import type { ReceivedReading } from '../../src/centre/message.ts';
import { systemClock } from '../../src/model/clock.ts';

/** A centre that also keeps every reading's content, to be held against the journal it came from. */
export interface Witness extends AsyncDisposable {
  readonly centre: Centre;
  /** Resolves once its first subscription stands. */
  readonly subscribed: Promise<void>;
  /** By sequence, as it first arrived. */
  readonly readings: ReadonlyMap<number, ReceivedReading>;
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
    onEntry: (entry) => {
      if (entry.kind !== 'data') return;
      for (const reading of entry.message.readings) if (!readings.has(reading.seq)) readings.set(reading.seq, reading);
    },
  });
  const ended = centre.run(stop.signal);
  return {
    centre,
    subscribed: subscribed.promise,
    readings,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}
