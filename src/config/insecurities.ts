import { z } from 'zod';
import type { Insecurity } from '../model/status.ts';
import type { Configuration } from './configuration.ts';

/** Where the configuration switches a check of the far end off, and the reason that it gives. */
export function insecurities({ connections, devices, destinations, servers }: Configuration): readonly Insecurity[] {
  return [
    ...connections.flatMap(({ id, settings }) =>
      reasonsIn(settings).map((reason) => ({ of: `connection ${id}`, reason })),
    ),
    ...devices.flatMap(({ id, settings }) => reasonsIn(settings).map((reason) => ({ of: `device ${id}`, reason }))),
    ...destinations.flatMap(({ name, tls }) => reasonsIn(tls).map((reason) => ({ of: `destination ${name}`, reason }))),
    ...servers.flatMap(({ name, security }) => reasonsIn(security).map((reason) => ({ of: `server ${name}`, reason }))),
  ];
}

/** The settings are of whatever form their driver has: only the names of the keys are common to all. */
function reasonsIn(settings: unknown): readonly string[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const own = believesAnybody(settings) ? ['`verify: false` takes telegrams that anybody could have sent'] : [];
  const inner = Object.entries(settings).flatMap(([key, value]: [string, unknown]) =>
    key === 'allowInsecure' && typeof value === 'string' ? [value] : reasonsIn(value),
  );
  return [...own, ...inner];
}

/** Whether the keys of a meter only decrypt, and prove nothing: its telegrams are believed whoever sent them. */
export function believesAnybody(settings: unknown): boolean {
  const { data } = unverified.safeParse(settings);
  return data !== undefined && (data.key !== undefined || data.keys !== undefined);
}

const unverified = z.object({ verify: z.literal(false), key: z.unknown().optional(), keys: z.unknown().optional() });
