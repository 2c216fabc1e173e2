import { markDamaged } from '../journal/quarantine.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';

// The first time at once; a disk that damages all that is written to it must not fill itself with what was set aside.
const SHORTEST_LIFE = 60_000; // milliseconds

export type Outliving = {
  /** The folder of the journal. */
  readonly folder: string;
  readonly clock: Clock;
  /** Aborts when there is no point in beginning again. */
  readonly signal: AbortSignal;
};

/**
 * Runs `live` until it ends for another reason than a journal that is damaged: then it is begun again, and sets the
 * damaged one aside. Settles as `live` does.
 */
export async function outliveDamage({ folder, clock, signal }: Outliving, live: () => Promise<void>): Promise<void> {
  for (let notBefore = -Infinity; ; notBefore = clock.monotonic() + SHORTEST_LIFE) {
    try {
      return await live();
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'journal-corrupt') throw error;
      markDamaged(folder, error.message);
      const wait = notBefore - clock.monotonic();
      if (wait > 0) await clock.sleep(wait, signal);
    }
  }
}
