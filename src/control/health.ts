import { insecurities } from '../config/insecurities.ts';
import type { Health } from '../model/health.ts';
import type { GatewayParts } from './operations.ts';

type Parts = Pick<GatewayParts, 'version' | 'clock' | 'collectors' | 'journal' | 'taken' | 'audit' | 'configuration'>;

/** What says how a gateway is, whenever it is asked; it asks nobody itself and takes no time. */
export function healthOf({ version, clock, collectors, journal, taken, audit, configuration }: Parts): () => Health {
  const startedAt = clock.monotonic();
  const insecure = insecurities(configuration).map(({ of }) => of);
  return () => {
    const now = clock.monotonic();
    const collected = collectors.map((collector) => collector.status());
    const { number, hash, error } = audit.status();
    return {
      version,
      uptimeSeconds: Math.round((now - startedAt) / 1000),
      clock: [...journal.anchors.values()].at(-1)?.state ?? 'unknown',
      readingsPerSecond: taken.perSecond(now),
      connections: presenceOf(collected.map(({ connection }) => connection)),
      devices: presenceOf(collected.flatMap(({ devices }) => devices)),
      insecure,
      last: journal.last,
      audit: { number, hash, error },
    };
  };
}

function presenceOf(parts: readonly { readonly id: string; readonly state: string }[]): Health['devices'] {
  return { total: parts.length, lost: parts.filter(({ state }) => state === 'lost').map(({ id }) => id) };
}
