import type { Insecurity } from '../model/status.ts';
import type { Configuration } from './configuration.ts';

/** Where the configuration switches a check of the far end off, and the reason that it gives. */
export function insecurities({ connections, devices, destinations }: Configuration): readonly Insecurity[] {
  return [
    ...connections.flatMap(({ id, settings }) =>
      reasonsIn(settings).map((reason) => ({ of: `connection ${id}`, reason })),
    ),
    ...devices.flatMap(({ id, settings }) => reasonsIn(settings).map((reason) => ({ of: `device ${id}`, reason }))),
    ...destinations.flatMap(({ name, tls }) => reasonsIn(tls).map((reason) => ({ of: `destination ${name}`, reason }))),
  ];
}

/** The settings are of whatever form their driver has: only the name of the key is common to all. */
function reasonsIn(settings: unknown): readonly string[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) =>
    key === 'allowInsecure' && typeof value === 'string' ? [value] : reasonsIn(value),
  );
}
