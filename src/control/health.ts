import { insecurities } from '../config/insecurities.ts';
import { newestState } from '../journal/clock-state.ts';
import type { Health } from '../model/health.ts';
import type { GatewayParts } from './operations.ts';

type Parts = Pick<
  GatewayParts,
  'version' | 'clock' | 'collectors' | 'journal' | 'taken' | 'audit' | 'certificates' | 'configuration'
>;

/** What says how a gateway is, whenever it is asked; it asks nobody itself and takes no time. */
export function healthOf(parts: Parts): () => Health {
  const { version, clock, collectors, journal, taken, audit, certificates, configuration } = parts;
  const startedAt = clock.monotonic();
  const insecure = insecurities(configuration).map(({ of }) => of);
  return () => {
    const now = clock.monotonic();
    const collected = collectors.map((collector) => collector.status());
    const { number, hash, error } = audit.status();
    return {
      version,
      uptimeSeconds: Math.round((now - startedAt) / 1000),
      clock: newestState(journal),
      readingsPerSecond: taken.perSecond(now),
      connections: presenceOf(collected.map(({ connection }) => connection)),
      devices: presenceOf(collected.flatMap(({ devices }) => devices)),
      certificates: certificates(),
      insecure,
      last: journal.last,
      audit: { number, hash, error },
    };
  };
}

function presenceOf(parts: readonly { readonly id: string; readonly state: string }[]): Health['devices'] {
  return { total: parts.length, lost: parts.filter(({ state }) => state === 'lost').map(({ id }) => id) };
}
